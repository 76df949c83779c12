import type { Locator } from 'playwright-core';

import type { Window } from './page.ts';

/** Moves the mouse over a word of a line of the active editor, and returns the hover that appears. */
export async function hover(window: Window, line: string, word: string): Promise<Locator> {
  const { x, y } = await middleOf(window.line(line), word);
  const { mouse } = window.page;
  await mouse.move(x - 30, y + 60); // a hover appears where the mouse comes to rest, not where it was
  await mouse.move(x, y, { steps: 4 });
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

/** Returns the middle of a word on the page. */
async function middleOf(line: Locator, word: string): Promise<{ readonly x: number; readonly y: number }> {
  return line.evaluate((element, wanted) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const start = (node.nodeValue ?? '').indexOf(wanted);
      if (start < 0) continue;
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, start + wanted.length);
      const box = range.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    }
    throw new Error(`The line does not hold ${wanted} in one piece.`);
  }, word);
}
