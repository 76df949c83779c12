import fs from 'node:fs/promises';
import path from 'node:path';

import { describe } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { until } from './processes.ts';

const ONE_PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('Search Code', () => {
  test('hits come while typing, are previewed, and Escape goes back', async ({ window }) => {
    await window.says('Ready.');
    await window.openFile('README.md');
    await window.goTo(3);
    await window.run('Inglenook: Search Code');
    const { quickPick } = window;
    await until('the box shows the prefixes', async () =>
      /@.*\/.*"/.test((await quickPick.box.getAttribute('placeholder')) ?? ''),
    );
    await quickPick.box.fill('Basket');
    await quickPick.row('shop/core.py:44').waitFor();
    await window.tab('core.py').waitFor();
    await window.press('ArrowDown');
    await window.tab('basket.ts').waitFor();
    await screenshot(window, 'search-preview');
    await window.press('Escape');
    await window.tab('README.md').waitFor();
    await until('the cursor is back in line 3', async () => (await window.cursor()).line === 3);
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
    await window.tab('till.py').waitFor();
    await screenshot(window, 'search-regex');
    await window.press('Enter');
    await window.tab('till.py').waitFor();
    await until('the cursor is in the line found', async () => (await window.cursor()).line === 29);
  });

  test('a picture opens as one', async ({ desk, workspace }) => {
    await fs.writeFile(path.join(workspace, 'receipt.png'), Buffer.from(ONE_PIXEL, 'base64'));
    const window = await desk.open();
    await window.says('Ready.');
    await window.run('Inglenook: Search Code');
    await window.quickPick.box.fill('receipt.png');
    await window.quickPick.row('receipt.png').waitFor();
    await window.press('Enter');
    await window.tab('receipt.png').waitFor();
    await screenshot(window, 'search-picture');
  });
});
