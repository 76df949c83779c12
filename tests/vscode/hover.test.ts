import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { hover } from './hover.ts';
import { AskView } from './view.ts';

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

  test('Explain asks for what the next hover knows', async ({ desk, model }) => {
    const words = 'It takes money and gives change.';
    await model.follows([{ when: 'Till', say: words }]);
    await desk.configure({ 'inglenook.hover.explain': 'onRequest' });
    const window = await desk.open();
    await window.says('Ready.');
    await window.openFile('till.py');
    await window.goTo(37);
    const card = await hover(window, 'def sell_one(', 'Till');
    await card.getByRole('link', { name: 'Explain', exact: true }).click();
    await new AskView(window).text(words).waitFor();
    await screenshot(window, 'hover-explain');
    await window.goTo(38); // the card that was clicked on stays until something else happens
    const whole = await hover(window, 'def sell_one(', 'Till');
    await whole.getByText(words).waitFor();
    await screenshot(window, 'hover-explained');
  });
});
