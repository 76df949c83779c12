import { Disposable, commands } from 'vscode';

import { CONTEXTS } from '../commands';
import type { Subscription } from '../emitter';
import type { Parts } from '../parts';
import type { StatusParams } from '../protocol';
import { Failure, knownKind } from '../server/failure';

/** Tells of failures that nobody asked for: the server that was given up, the engine that failed. Each once. */
export function watchFailures({ server, status, failures }: Parts): Disposable {
  let told: string | undefined;
  return Disposable.from(
    server.onDidChangeState((state) => {
      if (state.kind === 'failed') {
        failures.tell(state.failure);
      }
    }),
    status.onDidChange((current) => {
      const failure = engineFailure(current);
      if (failure !== undefined && failure.message !== told) {
        failures.tell(failure);
      }
      told = failure?.message;
    }),
  );
}

/** Keeps the context key that the walkthrough reads. */
export function watchModel({ status }: Parts): Subscription {
  const ready = (): boolean => {
    const state = status.current?.engine.state;
    return state === 'ready' || state === 'busy' || state === 'unloaded';
  };
  return status.onDidChange(() => void commands.executeCommand('setContext', CONTEXTS.modelReady, ready()));
}

function engineFailure(status: StatusParams | undefined): Failure | undefined {
  const { state, message, hint, kind } = status?.engine ?? {};
  return state === 'failed'
    ? new Failure(knownKind(kind) ?? 'engineFailed', message ?? 'The model cannot be used.', hint ?? '')
    : undefined;
}
