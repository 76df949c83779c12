import { type ExtensionContext, commands, window } from 'vscode';

import { COMMANDS } from '../commands';
import type { Parts } from '../parts';

/** Registers the commands of this folder. */
export function registerSetUp(context: ExtensionContext, _parts: Parts): void {
  for (const command of [COMMANDS.setUp, COMMANDS.openWalkthrough]) {
    context.subscriptions.push(
      commands.registerCommand(command, () => window.showInformationMessage('Not there yet.')),
    );
  }
}
