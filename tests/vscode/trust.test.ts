import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { hoverItem } from './hover.ts';

const RESTRICTED = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };

describe('Restricted Mode', () => {
  test('the engine runs, and its tooltip says what is left out', async ({ desk }) => {
    await desk.configure(RESTRICTED);
    const window = await desk.open();
    const item = await window.says('Ready.');
    expect(await window.statusItem(/Restricted Mode/).count()).toBe(1);
    await hoverItem(window, item, 'no command is run');
    await screenshot(window, 'restricted-status');
  });
});
