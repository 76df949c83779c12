import { type ExtensionContext, commands } from 'vscode';

import { COMMANDS } from '../commands';
import { readArgument } from './argument';
import { askSelection } from './askSelection';
import { explain } from './explain';
import type { ExplainView } from './view';

/** Registers Explain Symbol and Ask About Selection. */
export function registerExplain(context: ExtensionContext, view: ExplainView): void {
  context.subscriptions.push(
    commands.registerCommand(COMMANDS.explain, (argument: unknown) => explain(view, readArgument(argument))),
    commands.registerCommand(COMMANDS.askSelection, askSelection),
  );
}
