import { isTool } from '../ask/timing';
import type { AskPart, AskResult, Citation } from '../protocol';
import { type Before, NOTHING, after, cut } from './places';

/** Where an answer is written to: what a chat can show of it. Nothing that was written can be taken back. */
export interface Page {
  words(text: string): void;
  /** A link to a place, among the words. */
  place(citation: Citation, title: string): void;
  /** A place that was used; listed apart from the words. */
  reference(citation: Citation): void;
  /** What is being done. */
  step(summary: string): void;
}

/** Writes an answer as it comes. The last piece is held back until it is known which places it names. */
export class AnswerWriter {
  readonly #referred = new Set<string>();
  #held = '';
  #before: Before = NOTHING;
  #isEmpty = true;

  constructor(private readonly page: Page) {}

  take(part: AskPart): void {
    switch (part.kind) {
      case 'text':
        this.#write([]);
        this.#held = part.delta;
        break;
      case 'citation':
        this.#write([part.citation]);
        this.#refer(part.citation);
        break;
      case 'span':
        if (isTool(part.span)) {
          this.page.step(part.span.summary);
        }
        break;
      case 'reset':
        this.#withdraw();
        break;
    }
  }

  /** The answer is whole. */
  finish({ answer, citations, evidence }: AskResult): void {
    const places = [...citations, ...evidence];
    if (this.#isEmpty && this.#held === '') {
      this.#held = answer;
    }
    this.#write(places);
    places.forEach((citation) => {
      this.#refer(citation);
    });
  }

  /** There will be no more: what has come is shown. */
  stop(): void {
    this.#write([]);
  }

  #write(citations: readonly Citation[]): void {
    const text = this.#held;
    this.#held = '';
    for (const piece of cut(text, citations, this.#before)) {
      if (piece.kind === 'words') {
        this.page.words(piece.text);
      } else {
        this.page.place(piece.citation, piece.title);
      }
    }
    this.#before = after(this.#before, text);
    this.#isEmpty &&= text === '';
  }

  /** The words were the beginning of a step. Those that were shown remain, as a paragraph of their own. */
  #withdraw(): void {
    this.#held = '';
    if (!this.#isEmpty) {
      this.page.words(this.#before.fence === '' ? '\n\n' : `\n${this.#before.fence}\n\n`);
    }
    this.#before = NOTHING;
    this.#isEmpty = true;
  }

  #refer(citation: Citation): void {
    const key = `${citation.uri}:${citation.range.start.line}`;
    if (citation.verified && !this.#referred.has(key)) {
      this.#referred.add(key);
      this.page.reference(citation);
    }
  }
}
