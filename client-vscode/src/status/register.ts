import { type ExtensionContext, commands } from 'vscode';

import { COMMANDS } from '../commands';
import type { Parts } from '../parts';
import { showActions } from './actions';
import { showEngine } from './engineItem';
import { showIndex } from './indexItem';
import { selectModel, unloadModel } from './model';
import { watchFailures, watchModel } from './watch';

/** Shows what server, engine and index do, and registers what can be done about it. */
export function registerStatus(context: ExtensionContext, parts: Parts): void {
  context.subscriptions.push(
    showEngine(parts),
    showIndex(parts),
    watchFailures(parts),
    watchModel(parts),
    commands.registerCommand(COMMANDS.showActions, () => showActions(parts)),
    commands.registerCommand(COMMANDS.selectModel, () => selectModel(parts)),
    commands.registerCommand(COMMANDS.unloadModel, () => unloadModel(parts)),
  );
}
