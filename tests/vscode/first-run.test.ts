import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { AskView } from './view.ts';

const NOT_INSTALLED = 'The language server is not installed yet.';
const NOT_BUILT = 'The model qwen2.5-coder-0.5b has not been built yet.';

describe('the first run', () => {
  test('nothing is downloaded before a person agrees, and a refusal is no dead end', async ({ desk, browser }) => {
    await desk.configure({ 'inglenook.server.command': [] });
    const window = await desk.open();
    await window.dialog.getByText('Set up Inglenook on this machine?').waitFor();
    expect(await window.dialog.innerText()).toMatch(/About [\d.]+ GB will be downloaded/);
    await screenshot(window, 'first-run-consent');
    await window.press('Escape');
    const item = await window.says(NOT_INSTALLED);
    expect(await item.innerText()).toContain('Set Up');
    await window.run('Inglenook: Ask Codebase');
    await new AskView(window).text(NOT_INSTALLED).waitFor();
    await screenshot(window, 'first-run-later');
    await window.run('Inglenook: Get Started');
    await window.page.getByText('Get Started with Inglenook').first().waitFor();
    await screenshot(window, 'walkthrough');
    expect(browser.outside).toEqual([]);
  });

  test('a model is made before the eyes of a person, and answers', async ({ desk, model }) => {
    await model.unbuild();
    const steps = ['Fetching the weights', 'Fusing', 'Checking'];
    await model.follows([], { build: steps.map((label, at) => ({ label, percent: 30 * (at + 1), seconds: 3 })) });
    const window = await desk.open();
    await window.says(NOT_BUILT);
    await window.run('Inglenook: Set Up Model…');
    await window.dialog.getByRole('button', { name: 'Set Up', exact: true }).click();
    await window.notifications.filter({ hasText: 'Making the model' }).filter({ hasText: 'Fusing' }).waitFor();
    await screenshot(window, 'set-up-progress');
    await window.says('Ready.');
    await window.notifications.filter({ hasText: 'Ask Codebase' }).waitFor();
    await screenshot(window, 'set-up-done');
  });
});
