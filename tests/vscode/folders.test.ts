import path from 'node:path';

import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { hover } from './hover.ts';
import { replaceFile } from './scratch.ts';

describe('a workspace of several folders', () => {
  test('names are found in each of them, whatever the folder is called', async ({ desk, folder, scratch }) => {
    const odd = await scratch.workspace('sample/web', path.join(folder, 'ünï #1 100%'));
    const shop = await scratch.workspace('sample/shop', path.join(folder, 'shop'));
    const file = path.join(folder, 'both.code-workspace');
    await replaceFile(file, JSON.stringify({ folders: [{ path: shop }, { path: odd }] }));
    const window = await desk.open(file);
    await window.says('Ready.');
    await window.openFile('basket.ts');
    await window.goTo(14);
    const card = await hover(window, 'price(cents)', 'price');
    await card.getByRole('link', { name: 'basket.ts:8' }).waitFor(); // VS Code's own TypeScript may stand there as well
    expect(await card.innerText()).toContain('Renders a price');
    await screenshot(window, 'several-folders');
  });
});
