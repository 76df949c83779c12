import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { hoverItem } from './hover.ts';

const COMMANDS = [
  ...['Ask Codebase', 'Search Code', 'New Conversation', 'Show Trace', 'Clear Trace', 'Select Model…'],
  ...['Set Up Model…', 'Restart Server', 'Show Log', 'Report Problem…', 'Get Started'],
].map((title) => `Inglenook: ${title}`);

/** What activation may take of a window's start, server not included. */
const MOST_MS = 100;

describe('activation', () => {
  test('the engine is ready soon after the window is', async ({ window }) => {
    const item = await window.says('Ready.');
    await hoverItem(window, item, 'scripted');
    await screenshot(window, 'ready');
    expect(await window.notifications.count()).toBe(0);
  });

  test('the palette has every command that makes sense without an editor', async ({ window }) => {
    await window.says('Ready.');
    const offered = await window.commands('Inglenook: ');
    expect(COMMANDS.filter((title) => !offered.includes(title))).toEqual([]);
    expect(offered).not.toContain('Inglenook: Ask About Selection');
    expect(offered).not.toContain('Inglenook: Stop');
  });

  test('it takes less than a tenth of a second', async ({ window, host }) => {
    await window.says('Ready.');
    const times = [...(await host.extensionLog()).matchAll(/Activated in ([\d.]+) ms/g)].map((match) =>
      Number(match[1]),
    );
    expect(times.length).toBeGreaterThan(0);
    expect(Math.min(...times)).toBeLessThan(MOST_MS); // other work on the machine makes a time longer, never shorter
  });
});
