import { type LogOutputChannel, window } from 'vscode';

import type { Failures } from '../parts';
import { type Failure, asFailure } from '../server/failure';
import { type Action, mendings, sentence } from './mending';
import { runAction } from './runAction';

/** Tells failures as notifications, each once for as long as it is on the screen. */
export class FailureNotifications implements Failures {
  readonly #shown = new Set<string>();

  constructor(private readonly logChannel: LogOutputChannel) {}

  tell(error: unknown): void {
    const failure = this.log(error);
    if (!failure.isCancellation) {
      this.#show(failure).catch((reason: unknown) => this.log(reason));
    }
  }

  log(error: unknown): Failure {
    const failure = asFailure(error);
    if (failure.isCancellation) {
      this.logChannel.debug(failure.message);
    } else {
      this.logChannel.error(`${failure.message} ${failure.hint} (${failure.kind})`);
    }
    if (failure.kind === 'internal' && error instanceof Error) {
      this.logChannel.debug(error.stack ?? error.message);
    }
    return failure;
  }

  async #show(failure: Failure): Promise<void> {
    const text = sentence(failure);
    if (this.#shown.has(text)) {
      return;
    }
    const chosen = await this.#chosen(text, mendings(failure));
    if (chosen !== undefined) {
      await runAction(chosen);
    }
  }

  /** Shows the buttons; resolves with the one that was clicked on, once the notification is gone. */
  async #chosen(text: string, actions: readonly Action[]): Promise<Action | undefined> {
    this.#shown.add(text);
    try {
      const title = await window.showErrorMessage(text, ...actions.map((action) => action.title));
      return actions.find((action) => action.title === title);
    } finally {
      this.#shown.delete(text);
    }
  }
}
