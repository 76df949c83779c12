import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { hoverItem } from './hover.ts';
import { protocolRules, PROTOCOLS } from './rules.ts';
import { AskView } from './view.ts';

const RESTRICTED = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };

describe('Restricted Mode', () => {
  test('the engine runs, and its tooltip says what is left out', async ({ desk }) => {
    await desk.configure(RESTRICTED);
    const window = await desk.open();
    const item = await window.says('Ready.');
    expect(await window.statusItem(/Restricted Mode/).count()).toBe(1);
    await hoverItem(window, item, 'no command is run');
    await screenshot(window, 'restricted-status');
    await item.click();
    expect(await window.quickPick.labels()).toContain('Manage Workspace Trust');
  });

  test('the view says what does not work, and leads to what ends it', async ({ desk, model }) => {
    await model.follows(protocolRules());
    await desk.configure(RESTRICTED);
    const window = await desk.open();
    const view = await AskView.of(window);
    const line = view.text(/Restricted Mode: .*no command is run/);
    await line.waitFor();
    await view.askThrough(PROTOCOLS);
    await screenshot(window, 'restricted-view');
    await view.button('Manage Workspace Trust').click();
    await window.page
      .locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ })
      .first()
      .click();
    await line.waitFor({ state: 'detached' });
    await screenshot(window, 'trust-granted');
    await window.page.getByRole('button', { name: 'Close Modal Editor' }).click(); // it stands before everything else
    await hoverItem(window, await window.says('Ready.'), 'scripted');
    expect(await window.page.locator('.workbench-hover:visible').innerText()).not.toContain('Restricted Mode');
  });
});
