import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { hoverItem } from './hover.ts';

describe('the state of the engine', () => {
  test('without a model the status bar offers to set one up, and search goes on', async ({ model, desk }) => {
    await model.unbuild();
    const window = await desk.open();
    const item = await window.says('The model qwen2.5-coder-0.5b has not been built yet.');
    expect(await item.innerText()).toContain('Set Up');
    await item.click();
    expect((await window.quickPick.labels())[0]).toContain('Set Up Model');
    await screenshot(window, 'status-not-set-up');
  });

  test('loading shows how far it has come, and ends in ready', async ({ model, desk }) => {
    await model.follows([], { load: { seconds: 6 } });
    const window = await desk.open();
    const item = await window.says('The model is being loaded.');
    expect(await item.innerText()).toContain('50 %');
    await screenshot(window, 'status-loading');
    await window.says('Ready.');
  });

  test('a model that cannot be read is told once, with what mends it', async ({ model, desk }) => {
    await model.follows([], { load: { error: 'The weights are damaged.' } });
    const window = await desk.open();
    const item = await window.says('The weights are damaged.');
    await window.notifications.filter({ hasText: 'The weights are damaged.' }).waitFor();
    expect(await window.notifications.count()).toBe(1);
    await screenshot(window, 'status-failed');
    await hoverItem(window, item, 'The weights are damaged.');
    await model.follows([]);
    await window.run('Inglenook: Restart Server');
    await window.says('Ready.');
  });

  test('a click shows what can be done now, the likeliest first', async ({ window }) => {
    await (await window.says('Ready.')).click();
    const offered = await window.quickPick.labels();
    await screenshot(window, 'status-actions');
    expect(offered.slice(0, 2)).toEqual(['Ask Codebase', 'Search Code']);
  });
});
