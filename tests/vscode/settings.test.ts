import { describe, expect } from 'vitest';

import { test } from './fixtures.ts';
import { hover } from './hover.ts';
import { ScriptedModel } from './model.ts';
import { until } from './processes.ts';

describe('settings apply without a reload', () => {
  test('a hover has no link to Explain once explanations are off', async ({ window, desk }) => {
    await window.says('Ready.');
    await window.openFile('till.py');
    await window.goTo(39);
    const before = await hover(window, 'basket = Basket("somebody")', 'Basket');
    await before.getByText('Explain').waitFor();
    await desk.configure({ 'inglenook.hover.explain': 'off' });
    await until('the link is gone', async () => {
      await window.press('Escape');
      const card = await hover(window, 'basket = Basket("somebody")', 'Basket');
      return !(await card.innerText()).includes('Explain');
    });
  });

  test('another command for the server takes the place of the one that runs', async ({
    window,
    desk,
    model,
    scratch,
  }) => {
    await window.says('Ready.');
    const other = await ScriptedModel.make(await scratch.folder('other'));
    await desk.configure(other.settings);
    await until('the other server runs', async () => (await other.servers()).length === 1);
    await window.says('Ready.');
    expect(await model.servers()).toEqual([]);
  });
});
