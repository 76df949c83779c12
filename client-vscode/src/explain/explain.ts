import { type TextDocument, type TextEditor, Range, Uri, window, workspace } from 'vscode';

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
  const { start, end } = selection;
  const place = { textDocument: { uri: document.uri.toString() }, position: plain(start) };
  const isName = document.getWordRangeAtPosition(start)?.isEqual(selection) === true;
  return selection.isEmpty || isName ? place : { ...place, range: { start: plain(start), end: plain(end) } };
}

/** How what is explained is called: its name where the file is open, else its place. */
function titleOf({ textDocument, position, range }: ExplainPlace): string {
  const { path } = Uri.parse(textDocument.uri);
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (range !== undefined) {
    const [first, last] = [range.start.line + 1, range.end.line + 1];
    return `${file}:${first}${last > first ? `-${last}` : ''}`;
  }
  const document = workspace.textDocuments.find(({ uri }) => uri.toString() === textDocument.uri);
  return (document && nameAt(document, position.line, position.character)) ?? `${file}:${position.line + 1}`;
}

function nameAt(document: TextDocument, line: number, character: number): string | undefined {
  const at = document.validateRange(new Range(line, character, line, character)).start;
  const word = document.getWordRangeAtPosition(at);
  return word && document.getText(word);
}

function plain({ line, character }: { readonly line: number; readonly character: number }): ExplainPlace['position'] {
  return { line, character };
}
