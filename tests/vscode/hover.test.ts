import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { hover } from './hover.ts';

describe('hover', () => {
  test('a card of facts, with links to explain and to ask', async ({ window }) => {
    await window.says('Ready.');
    await window.openFile('till.py');
    await window.goTo(39);
    const card = await hover(window, 'basket = Basket("somebody")', 'Basket');
    await card.getByText('What a customer wants to buy.').waitFor();
    expect(await card.innerText()).toContain('shop/core.py:44');
    await screenshot(window, 'hover-card');
  });
});
