import { Disposable, type ExtensionContext, type TextEditor, commands, window } from 'vscode';

import { COMMANDS } from '../commands';
import { InputHistory } from '../inputHistory';
import type { Parts } from '../parts';
import { SearchPicker } from './picker';
import { inputFor, readArgument } from './query';

/** Bound to keys while the search box is open; no entry of the palette. */
const OPEN_TO_SIDE = 'inglenook.search.openToSide';

/** Registers Search Code. */
export function registerSearch(context: ExtensionContext, parts: Parts): void {
  const history = new InputHistory(context.workspaceState, 'inglenook.searches');
  let picker: SearchPicker | undefined;
  context.subscriptions.push(
    commands.registerCommand(COMMANDS.search, (argument: unknown) => {
      picker = new SearchPicker(parts, history);
      picker.open(readArgument(argument) ?? inputFor(selected(window.activeTextEditor)));
    }),
    commands.registerCommand(OPEN_TO_SIDE, () => picker?.openToSide()),
    new Disposable(() => picker?.dispose()),
  );
}

function selected(editor: TextEditor | undefined): string {
  return editor === undefined || editor.selection.isEmpty ? '' : editor.document.getText(editor.selection);
}
