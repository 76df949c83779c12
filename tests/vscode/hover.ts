import type { Locator } from 'playwright-core';

import type { Window } from './page.ts';

/** Pixels behind the end of a line, where there is nothing to hover. */
const BEHIND = 40;

/**
 * Moves the mouse over a word of a line of the active editor, and returns the hover that appears.
 *
 * It comes from behind the end of the line: on a busy machine the mouse rests wherever it is sent, and a hover of another
 * word on the way would lie over this one.
 */
export async function hover(window: Window, line: string, word: string): Promise<Locator> {
  const { x, y, end } = await middleOf(window.line(line), word);
  const { mouse } = window.page;
  await mouse.move(end + BEHIND, y);
  await mouse.move(x + 1, y);
  await mouse.move(x, y);
  const shown = window.page.locator('.monaco-hover:visible');
  await shown.first().waitFor();
  return shown.first();
}

/** Moves the mouse over an item of the status bar, and returns its tooltip once that holds a text. */
export async function hoverItem(window: Window, item: Locator, text: string | RegExp): Promise<Locator> {
  await item.hover();
  const shown = window.page.locator('.workbench-hover:visible', { hasText: text });
  await shown.waitFor();
  return shown;
}

/** A place in the editor, in pixels of the page. */
interface Place {
  readonly x: number;
  readonly y: number;
  /** Where the line's text ends. */
  readonly end: number;
}

/** Returns the middle of a word on the page. */
async function middleOf(line: Locator, word: string): Promise<Place> {
  return line.evaluate((element, wanted) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    range.selectNodeContents(element);
    const end = range.getBoundingClientRect().right;
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const start = (node.nodeValue ?? '').indexOf(wanted);
      if (start < 0) continue;
      range.setStart(node, start);
      range.setEnd(node, start + wanted.length);
      const box = range.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2, end };
    }
    throw new Error(`The line does not hold ${wanted} in one piece.`);
  }, word);
}
