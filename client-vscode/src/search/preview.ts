import {
  Disposable,
  TextEditorRevealType,
  type TextEditor,
  TextEditorSelectionChangeKind,
  ThemeColor,
  Uri,
  window,
} from 'vscode';

import type { SearchHit } from '../protocol';
import { isSamePlace } from './hitRow';
import { Origin } from './origin';
import { editorRange } from '../ranges';

/** The selection rests so long before its place is shown: whoever types or runs through the list needs no editors. */
const REST_MS = 80;

/** Shows places in the group's preview editor without taking the focus, and can put everything back. */
export class Preview implements Disposable {
  readonly origin = Origin.here();
  readonly #line = window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new ThemeColor('editor.rangeHighlightBackground'),
  });
  readonly #match = window.createTextEditorDecorationType({
    backgroundColor: new ThemeColor('editor.findMatchHighlightBackground'),
    border: '1px solid',
    borderColor: new ThemeColor('editor.findMatchHighlightBorder'),
    overviewRulerColor: new ThemeColor('editorOverviewRuler.findMatchForeground'),
  });
  readonly #moved = new Set<string>();
  readonly #clicks = window.onDidChangeTextEditorSelection(({ kind, textEditor }) => {
    this.#claimed ||= kind === TextEditorSelectionChangeKind.Mouse && textEditor === this.#editor;
  });
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #wanted: SearchHit | undefined;
  #editor: TextEditor | undefined;
  #claimed = false;

  constructor(private readonly failed: (error: unknown) => void) {}

  /** Whether the person went into the previewed editor with the mouse: then there is nothing to go back from. */
  get isClaimed(): boolean {
    return this.#claimed;
  }

  /** Shows a place soon, unless another is wanted before. */
  show(hit: SearchHit): void {
    if (this.#wanted !== undefined && isSamePlace(this.#wanted, hit)) {
      return;
    }
    this.#wanted = hit;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#work = this.#work.then(() => this.#show(hit)).catch(this.failed);
    }, REST_MS);
  }

  /** Shows nothing more, and resolves once what was under way is done. */
  async end(): Promise<void> {
    this.#wanted = undefined;
    clearTimeout(this.#timer);
    await this.#work;
    this.#undecorate();
  }

  /** Goes back to where the person was. */
  async goBack(): Promise<void> {
    await this.end();
    if (this.#moved.size > 0) {
      await this.origin.restore(this.#moved);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    Disposable.from(this.#clicks, this.#line, this.#match).dispose();
  }

  async #show(hit: SearchHit): Promise<void> {
    if (this.#wanted !== hit) {
      return;
    }
    const uri = Uri.parse(hit.uri);
    this.#undecorate();
    this.#moved.add(String(uri));
    const options = { viewColumn: this.origin.column, preview: true, preserveFocus: true };
    const editor = await window.showTextDocument(uri, options);
    this.#editor = editor;
    const range = editorRange(hit.range);
    editor.revealRange(range, TextEditorRevealType.InCenter); // the list covers what is above
    editor.setDecorations(this.#line, [range]);
    editor.setDecorations(this.#match, [range]);
    await this.origin.tidy(uri);
  }

  #undecorate(): void {
    this.#editor?.setDecorations(this.#line, []);
    this.#editor?.setDecorations(this.#match, []);
  }
}
