import { html, nothing, render } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';

import type { FromView, ToView } from '../ask/messages';
import { foldedAnswer, questionId, wholeAnswer } from './answer';
import { Composer } from './composer';
import { noticeLines } from './notice';
import type { Page } from './page';
import { EMPTY, type State, isBusy, told, unfolding } from './state';
import './style.css';
import { welcome } from './welcome';

/** What VS Code keeps of the page while it is hidden. */
interface Kept {
  readonly draft: string;
}

const CONFIRMED_MS = 1500;
/** Who is nearer than this to the end of the answers sees what comes. */
const NEAR_END_PX = 60;

/** The page of the view: a state, and what it looks like. */
class ViewPage implements Page {
  state: State = EMPTY;
  readonly #api = acquireVsCodeApi<Kept>();
  readonly #root: HTMLElement;
  readonly #composer = new Composer(this, {
    read: () => this.#api.getState()?.draft ?? '',
    write: (draft) => this.#api.setState({ draft }),
  });
  #drawing = false;
  /** Whether something has come since the last drawing. */
  #heard = false;
  /** The old answer that is being opened. */
  #opened: number | undefined;

  constructor(root: HTMLElement) {
    this.#root = root;
    window.addEventListener('message', ({ data }: MessageEvent<ToView>) => {
      this.#hear(data);
    });
    window.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && isBusy(this.state)) {
        this.post({ type: 'stop' });
      }
    });
    this.#draw();
    this.post({ type: 'ready' });
  }

  readonly post = (message: FromView): void => {
    this.#api.postMessage(message);
  };

  readonly update = (change: (state: State) => State): void => {
    this.state = change(this.state);
    this.#drawSoon();
  };

  readonly unfold = (id: number): void => {
    this.#opened = id;
    this.update((state) => unfolding(state, id));
    this.post({ type: 'unfold', id });
  };

  readonly confirm = (button: string): void => {
    this.update((state) => ({ ...state, done: button }));
    setTimeout(() => {
      // A later button is confirmed for as long as the first.
      this.update((state) => (state.done === button ? { ...state, done: undefined } : state));
    }, CONFIRMED_MS);
  };

  #hear(message: ToView): void {
    this.#heard = true;
    this.update((state) => told(state, message));
    if (message.type === 'focus') {
      this.#composer.focus();
    }
    if (message.type === 'trace') {
      this.#drawNow();
      this.#root.querySelector('.answer:last-of-type .trace')?.scrollIntoView({ block: 'start' });
    } else if (message.type === 'answer' && message.answer.state === 'waiting') {
      this.#drawNow(true);
    }
  }

  /** Draws once for all that comes before the next frame. */
  #drawSoon(): void {
    if (!this.#drawing) {
      this.#drawing = true;
      requestAnimationFrame(() => {
        this.#drawNow();
      });
    }
  }

  /** Draws, and follows what comes where the person is at the end of the answers, or is to be brought there. */
  #drawNow(toEnd = false): void {
    this.#drawing = false;
    const log = this.#root.querySelector('.log');
    const wasAtEnd = log === null || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
    this.#draw();
    if (toEnd || (wasAtEnd && this.#heard)) {
      const now = this.#root.querySelector('.log');
      now?.scrollTo({ top: now.scrollHeight });
    }
    this.#heard = false;
    this.#focusOpened();
  }

  /** The button that opened an old answer is gone once that is drawn, and would take the focus with it. */
  #focusOpened(): void {
    const heading = this.#opened === undefined ? null : document.getElementById(questionId(this.#opened));
    if (heading !== null) {
      this.#opened = undefined;
      heading.focus({ preventScroll: true });
    }
  }

  #draw(): void {
    const { answers, done } = this.state;
    render(
      html`<div class="log" role="log" aria-label="Answers" tabindex="-1">
          ${answers.length === 0 ? welcome(this) : nothing}
          ${repeat(
            answers,
            ({ id }) => id,
            (answer, at) =>
              answer.state === 'folded'
                ? foldedAnswer(this, answer)
                : wholeAnswer(this, answer, at === answers.length - 1),
          )}
        </div>
        <div class="bottom">${noticeLines(this)} ${this.#composer.template()}</div>
        <div class="only-heard" role="status">${done === undefined ? nothing : 'Copied'}</div>`,
      this.#root,
    );
  }
}

const root = document.getElementById('view');
if (root !== null) {
  new ViewPage(root);
}
