import type { FrameLocator, Locator } from 'playwright-core';

import type { Window } from './page.ts';

const LONG = 240_000;

/** Inglenook's view: the page inside of its frames. */
export class AskView {
  readonly frame: FrameLocator;
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
    this.frame = window.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Shows the view of a window whose engine is ready, and waits until it takes a question. */
  static async of(window: Window): Promise<AskView> {
    await window.says('Ready.');
    const view = new AskView(window);
    await window.run('Inglenook: Ask Codebase');
    await view.box.waitFor();
    return view;
  }

  /** The question's box. */
  get box(): Locator {
    return this.frame.getByRole('textbox');
  }

  /** Asks by keyboard. */
  async ask(question: string): Promise<void> {
    await this.box.fill(question);
    await this.box.press('Enter');
  }

  /** Asks, and waits until the answer has come to its end; returns it. */
  async askThrough(question: string): Promise<Locator> {
    const number = await this.answers.count();
    await this.ask(question);
    const answer = this.answers.nth(number);
    await this.footer(answer).waitFor({ timeout: LONG });
    return answer;
  }

  /** Questions with what came of them, the oldest first. */
  get answers(): Locator {
    return this.frame.getByRole('article');
  }

  /** The line that ends an answer: `3.0 s · 2 tools · 96 % cached · 41 tok/s`. */
  footer(answer: Locator = this.answers.last()): Locator {
    return answer.getByText(/ tok\/s$/);
  }

  /** What holds a text, and nothing around it. */
  text(text: string | RegExp): Locator {
    return this.frame.getByText(text);
  }

  /** A button by its label; several answers have several. */
  button(label: string | RegExp): Locator {
    return this.frame.getByRole('button', { name: label });
  }

  /** A link by its text. */
  link(text: string | RegExp): Locator {
    return this.frame.getByRole('link', { name: text });
  }

  /** All that the view says. */
  async words(): Promise<string> {
    return this.frame.locator('body').innerText();
  }

  /** Drags the edge of the side bar until it is about so wide. */
  async resize(width: number): Promise<void> {
    const bar = this.#window.page.locator('.part.sidebar');
    const box = await bar.boundingBox();
    if (!box) throw new Error('There is no side bar.');
    const { mouse } = this.#window.page;
    await mouse.move(box.x + box.width + 1, box.y + box.height / 2);
    await mouse.down();
    await mouse.move(box.x + width, box.y + box.height / 2, { steps: 8 });
    await mouse.up();
  }
}
