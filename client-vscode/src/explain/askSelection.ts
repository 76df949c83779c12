import { commands, window } from 'vscode';

import { COMMANDS } from '../commands';
import type { AskContext } from '../protocol';
import { wireRange } from '../ranges';

/** Shows the question box with what is selected as the question's subject; without a selection, the bare box. */
export async function askSelection(): Promise<void> {
  const editor = window.activeTextEditor;
  if (editor === undefined || editor.selection.isEmpty) {
    await commands.executeCommand(COMMANDS.ask);
    return;
  }
  const context: AskContext = {
    textDocument: { uri: editor.document.uri.toString() },
    range: wireRange(editor.selection),
  };
  await commands.executeCommand(COMMANDS.ask, { context });
}
