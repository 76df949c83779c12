import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { protocolRules, PROTOCOLS } from './rules.ts';
import { AskView } from './view.ts';

describe('the trace of an answer', () => {
  test('a tree of steps with their places, and one sentence on what was slow', async ({ window, model }) => {
    await model.follows(protocolRules());
    const view = await AskView.of(window);
    await view.askThrough(PROTOCOLS);
    await window.run('Inglenook: Show Trace');
    const steps = view.frame.getByRole('treeitem');
    await steps.first().waitFor();
    const words = await steps.allInnerTexts();
    for (const name of ['symbols', 'prefill', 'decode', 'verify'])
      expect(words.join('\n').toLowerCase()).toContain(name);
    await screenshot(window, 'trace');
    await view.button(/slow/).click();
    await screenshot(window, 'trace-why');
  });

  test('places of the last answer are marked in Problems, and cleared', async ({ window, model }) => {
    await model.follows(protocolRules());
    const view = await AskView.of(window);
    await view.askThrough(PROTOCOLS);
    const problems = await window.showProblems();
    await problems.filter({ hasText: 'core.py' }).first().waitFor();
    await screenshot(window, 'problems');
    await window.run('Inglenook: Clear Trace');
    await problems.first().waitFor({ state: 'detached' });
  });

  test('the setting for diagnostics applies without a reload', async ({ window, model, desk }) => {
    await model.follows(protocolRules());
    const view = await AskView.of(window);
    await view.askThrough(PROTOCOLS);
    const problems = await window.showProblems();
    await problems.first().waitFor();
    await desk.configure({ 'inglenook.trace.diagnostics': 'off' });
    await problems.first().waitFor({ state: 'detached' });
    await view.askThrough(PROTOCOLS);
    expect(await problems.count()).toBe(0);
  });
});
