import { type TemplateResult, html, nothing } from 'lit-html';
import { createRef, ref } from 'lit-html/directives/ref.js';

import { MOST_CHARACTERS } from '../ask/messages';
import { iconButton } from './controls';
import { HERE, newer, older } from './historyWalk';
import { icon } from './icons';
import type { Page } from './page';
import { isBusy } from './state';

/** Keeps what is being written while the page is thrown away. */
export interface DraftStore {
  read(): string;
  write(draft: string): void;
}

/** The question box: Enter asks, Shift+Enter breaks the line, Up and Down walk through earlier questions. */
export class Composer {
  readonly #box = createRef<HTMLTextAreaElement>();
  #walk = HERE;
  #first = true;

  constructor(
    private readonly page: Page,
    private readonly drafts: DraftStore,
  ) {}

  focus(): void {
    this.#box.value?.focus();
  }

  /** Puts a text into the box, to be changed and asked. */
  write(text: string): void {
    const box = this.#box.value;
    if (box !== undefined) {
      box.value = text;
      box.setSelectionRange(text.length, text.length);
      this.drafts.write(text);
    }
  }

  template(): TemplateResult {
    const busy = isBusy(this.page.state);
    return html`<form class="composer" @submit=${this.#onSubmit}>
      ${this.#about()}
      <textarea
        ${ref(this.#restore)}
        rows="1"
        maxlength=${MOST_CHARACTERS}
        aria-label="Question"
        placeholder=${this.page.state.answers.length === 0 ? 'Ask about this codebase' : 'Ask a follow-up'}
        @keydown=${this.#onKeyDown}
        @input=${this.#onInput}
      ></textarea>
      <div class="composer-buttons">
        ${
          busy
            ? iconButton('stop', 'Stop', () => {
                this.page.post({ type: 'stop' });
              })
            : html`<button type="submit" class="icon-button ask" title="Ask (Enter)" aria-label="Ask">
                ${icon('arrowUp')}
              </button>`
        }
      </div>
    </form>`;
  }

  #about(): TemplateResult | typeof nothing {
    const { about } = this.page.state;
    return about === undefined
      ? nothing
      : html`<p class="about">
          ${icon('references')}<span class="about-label" title=${about.label}><bdi>${about.label}</bdi></span>
          ${iconButton('close', 'Ask without the selection', () => {
            this.page.post({ type: 'dropAbout' });
            this.focus();
          })}
        </p>`;
  }

  readonly #restore = (box: Element | undefined): void => {
    (this.#box as { value: Element | undefined }).value = box;
    if (this.#first && box !== undefined) {
      this.#first = false;
      this.write(this.drafts.read());
    }
  };

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    this.#ask();
  };

  readonly #onInput = (): void => {
    this.#walk = HERE;
    this.drafts.write(this.#box.value?.value ?? '');
  };

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    const box = this.#box.value;
    if (box === undefined || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#ask();
    } else if (event.key === 'ArrowUp' && isAtEdge(box, 0)) {
      this.#go(event, older(this.#walk, this.page.state.history, box.value));
    } else if (event.key === 'ArrowDown' && isAtEdge(box, box.value.length)) {
      this.#go(event, newer(this.#walk, this.page.state.history));
    }
  };

  #go(event: KeyboardEvent, step: ReturnType<typeof older>): void {
    if (step !== undefined) {
      event.preventDefault();
      const [walk, text] = step;
      this.write(text);
      this.#walk = walk;
    }
  }

  #ask(): void {
    const question = this.#box.value?.value.trim() ?? '';
    if (question !== '') {
      this.page.post({ type: 'ask', question });
      this.#walk = HERE;
      this.write('');
    }
  }
}

/** Whether an arrow leaves the text: from its only line, or from its first or last character. */
function isAtEdge(box: HTMLTextAreaElement, edge: number): boolean {
  const { lineHeight, paddingBlockStart, paddingBlockEnd } = getComputedStyle(box);
  const lines =
    (box.scrollHeight - parseFloat(paddingBlockStart) - parseFloat(paddingBlockEnd)) / parseFloat(lineHeight);
  return box.selectionStart === box.selectionEnd && (lines < 2 || box.selectionStart === edge);
}
