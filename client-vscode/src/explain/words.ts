import type { AskPart, Citation, ExplainResult } from '../protocol';

/** An explanation on its way: what of it can be shown now, as Markdown. */
export class ExplanationText {
  #words = '';
  #places: readonly Citation[] = [];

  constructor(private readonly title: string) {}

  /** Whether the model has said something yet. */
  get isEmpty(): boolean {
    return this.#words === '';
  }

  get markdown(): string {
    const places = [...new Set(this.#places.map(place))].map((shown) => `- \`${shown}\``);
    const blocks = [`# ${this.title}`, this.#words.trim(), places.join('\n')];
    return `${blocks.filter(Boolean).join('\n\n')}\n`;
  }

  take(part: AskPart): void {
    switch (part.kind) {
      case 'text':
        this.#words += part.delta;
        break;
      case 'reset':
        this.#words = '';
        break;
      case 'citation':
      case 'span':
        break;
    }
  }

  /** The explanation is whole. */
  finish({ markdown, citations }: ExplainResult): void {
    this.#words = markdown;
    this.#places = citations.filter(({ verified }) => verified);
  }
}

function place({ path, range }: Citation): string {
  return `${path}:${range.start.line + 1}`;
}
