import { commands } from 'vscode';

import type { Action } from './mending';

/** Does what a button of a failure offers. */
export async function runAction({ command, argument }: Action): Promise<void> {
  await commands.executeCommand(command, ...(argument === undefined ? [] : [argument]));
}
