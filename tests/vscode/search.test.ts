import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';

describe('Search Code', () => {
  test('hits come while typing, are previewed, and Escape goes back', async ({ window }) => {
    await window.says('Ready.');
    await window.openFile('README.md');
    await window.goTo(3);
    await window.run('Inglenook: Search Code');
    const { quickPick } = window;
    expect(await quickPick.box.getAttribute('placeholder')).toMatch(/@.*\/.*"/);
    await quickPick.box.fill('Basket');
    await quickPick.row('shop/core.py').waitFor();
    await window.press('ArrowDown');
    await window.editor.locator('.view-line', { hasText: 'Basket' }).first().waitFor();
    await screenshot(window, 'search-preview');
    await window.press('Escape');
    await window.tab('README.md').waitFor();
    expect((await window.cursor()).line).toBe(3);
  });

  test('a prefix switches the kind, and Enter opens the place', async ({ window }) => {
    await window.says('Ready.');
    await window.run('Inglenook: Search Code');
    const { quickPick } = window;
    await quickPick.box.fill('@OutOfStock');
    await quickPick.row('shop/stock.py').waitFor();
    await screenshot(window, 'search-symbol');
    await quickPick.box.fill('/raise \\w+Money');
    await quickPick.row('shop/till.py').waitFor();
    await screenshot(window, 'search-regex');
    await window.press('Enter');
    await window.tab('till.py').waitFor();
    expect((await window.cursor()).line).toBe(29);
  });
});
