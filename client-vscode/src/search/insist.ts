import type { CancellationToken } from 'vscode';

import { asFailure } from '../server/failure';

const TRIES = 3;

/**
 * Runs a search again when another one took its place. The server runs one for each window: what a person types and
 * what a chat's tool asks for may meet there. Who did not want it any more has cancelled his own token.
 */
export async function insist<T>(search: () => Promise<T>, token: CancellationToken | undefined): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await search();
    } catch (error) {
      const again = asFailure(error).kind === 'superseded' && token?.isCancellationRequested !== true;
      if (!again || tried === TRIES) {
        throw error;
      }
    }
  }
}
