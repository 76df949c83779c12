import { type LogOutputChannel, commands, window } from 'vscode';

import type { Failures } from '../parts';
import { type Failure, asFailure } from '../server/failure';
import { type Action, mendings, sentence } from './mending';

/** Tells failures as notifications, each once for as long as it is on the screen. */
export class FailureNotifications implements Failures {
  readonly #shown = new Set<string>();

  constructor(private readonly logChannel: LogOutputChannel) {}

  tell(error: unknown): void {
    const failure = this.log(error);
    if (!failure.isCancellation) {
      void this.#show(failure);
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
    this.#shown.add(text);
    const actions = mendings(failure);
    const title = await window.showErrorMessage(text, ...actions.map((action) => action.title));
    this.#shown.delete(text);
    const chosen = actions.find((action) => action.title === title);
    if (chosen !== undefined) {
      await run(chosen);
    }
  }
}

async function run({ command, argument }: Action): Promise<void> {
  await commands.executeCommand(command, ...(argument === undefined ? [] : [argument]));
}
