import { type ExtensionContext, commands } from 'vscode';

import { COMMANDS } from '../commands';
import { readArgument } from './argument';
import { askSelection } from './askSelection';
import { ExplanationDocuments } from './document';
import { explain } from './explain';
import type { PartsWithView } from './view';

/** Registers Explain Symbol and Ask About Selection. */
export function registerExplain(context: ExtensionContext, parts: PartsWithView): void {
  const documents = new ExplanationDocuments(parts);
  context.subscriptions.push(
    documents,
    commands.registerCommand(COMMANDS.explain, (argument: unknown) =>
      explain(parts.ask ?? documents, readArgument(argument)),
    ),
    commands.registerCommand(COMMANDS.askSelection, askSelection),
  );
}
