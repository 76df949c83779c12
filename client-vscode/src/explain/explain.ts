import { type TextDocument, type TextEditor, Range, Uri, window, workspace } from 'vscode';

import { linesOf } from '../lines';
import { wirePosition, wireRange } from '../ranges';
import type { ExplainPlace } from './argument';
import type { ExplainView } from './view';

/** Explains a place, by default the name at the cursor or what is selected. */
export async function explain(view: ExplainView, given: ExplainPlace | undefined): Promise<void> {
  const place = given ?? here(window.activeTextEditor);
  if (place === undefined) {
    await window.showInformationMessage('Open a file, put the cursor on a name, and run Explain Symbol again.');
  } else {
    await view.explain(place, titleOf(place));
  }
}

function here(editor: TextEditor | undefined): ExplainPlace | undefined {
  if (editor === undefined) {
    return undefined;
  }
  const { document, selection } = editor;
  const { start } = selection;
  const place = { textDocument: { uri: document.uri.toString() }, position: wirePosition(start) };
  const isName = document.getWordRangeAtPosition(start)?.isEqual(selection) === true;
  return selection.isEmpty || isName ? place : { ...place, range: wireRange(selection) };
}

/** How what is explained is called: its name where the file is open, else its place. */
function titleOf({ textDocument, position, range }: ExplainPlace): string {
  const wanted = Uri.parse(textDocument.uri); // the server may write the same URI with other escapes
  const file = wanted.path.slice(wanted.path.lastIndexOf('/') + 1);
  if (range !== undefined) {
    return `${file}:${linesOf(range)}`;
  }
  const document = workspace.textDocuments.find(({ uri }) => uri.toString() === wanted.toString());
  return (document && nameAt(document, position.line, position.character)) ?? `${file}:${position.line + 1}`;
}

function nameAt(document: TextDocument, line: number, character: number): string | undefined {
  const at = document.validateRange(new Range(line, character, line, character)).start;
  const word = document.getWordRangeAtPosition(at);
  return word && document.getText(word);
}
