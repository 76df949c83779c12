import { basename } from 'node:path/posix';

import {
  type Disposable,
  Range,
  Selection,
  type TextDocument,
  type TextEditor,
  type TextEditorDecorationType,
  TextEditorRevealType,
  ThemeColor,
  Uri,
  ViewColumn,
  commands,
  window,
  workspace,
} from 'vscode';

import { COMMANDS } from '../commands';
import type { Citation } from '../protocol';
import { plain } from '../status/plain';
import { type Standing, whereNow } from './whereNow';

const SEARCH = 'Search for It';
const NOTE_MS = 6000;

/** Opens places of answers, with their lines highlighted until the cursor moves on. */
export class Places implements Disposable {
  readonly #highlight: TextEditorDecorationType = window.createTextEditorDecorationType({
    backgroundColor: new ThemeColor('editor.rangeHighlightBackground'),
    borderColor: new ThemeColor('editor.rangeHighlightBorder'),
    borderStyle: 'solid',
    borderWidth: '0',
    isWholeLine: true,
  });
  #marked: { readonly editor: TextEditor; readonly line: number } | undefined;
  readonly #subscription = window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
    const marked = this.#marked;
    if (textEditor === marked?.editor && selections[0]?.active.line !== marked.line) {
      this.#clear();
    }
  });

  /** Opens a place; one that is gone is told, with a search for it. */
  async open(place: Citation, aside: boolean): Promise<void> {
    let document: TextDocument;
    try {
      document = await workspace.openTextDocument(Uri.parse(place.uri, true));
    } catch {
      await offerSearch(place);
      return;
    }
    const standing = whereNow(document.getText().split(/\r?\n/), place);
    await this.#show(document, standing, aside);
    tell(standing, place);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#highlight.dispose();
  }

  async #show(document: TextDocument, { first, last }: Standing, aside: boolean): Promise<void> {
    const lines = new Range(first, 0, last, 0);
    const editor = await window.showTextDocument(document, {
      selection: new Selection(lines.start, lines.start),
      viewColumn: aside ? ViewColumn.Beside : ViewColumn.Active,
    });
    editor.revealRange(lines, TextEditorRevealType.InCenterIfOutsideViewport);
    this.#clear();
    this.#marked = { editor, line: first };
    editor.setDecorations(this.#highlight, [lines]);
  }

  #clear(): void {
    this.#marked?.editor.setDecorations(this.#highlight, []);
    this.#marked = undefined;
  }
}

/** A search that finds the line of a place wherever it is now, or else its file. */
function searchFor({ text, path }: Citation): string {
  const line = text.trim();
  return line === '' ? basename(path) : `"${line}`;
}

async function offerSearch(place: Citation): Promise<void> {
  const sentence = (await isThere(place))
    ? `${place.path} cannot be opened.`
    : `${place.path} is no longer there: it was renamed, moved or deleted since the answer was written.`;
  if ((await window.showWarningMessage(plain(sentence), SEARCH)) === SEARCH) {
    await commands.executeCommand(COMMANDS.search, searchFor(place));
  }
}

/** Asked of the file system: VS Code opens no document of a binary file either, and says little of why. */
async function isThere({ uri }: Citation): Promise<boolean> {
  try {
    await workspace.fs.stat(Uri.parse(uri, true));
    return true;
  } catch {
    return false;
  }
}

function tell({ how, first }: Standing, { path, range }: Citation): void {
  if (how === 'moved') {
    window.setStatusBarMessage(
      `$(info) The line has moved since the answer was written: from ${range.start.line + 1} to ${first + 1}.`,
      NOTE_MS,
    );
  } else if (how === 'changed') {
    window.setStatusBarMessage(`$(info) ${path} has changed here since the answer was written.`, NOTE_MS);
  }
}
