import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { PYTHON, realModel } from './model.ts';
import { until } from './processes.ts';
import { AskView } from './view.ts';

/** The model reads its prompt, calls a tool and speaks: a minute on two cores. */
const LONG = 600_000;

describe('the real model', () => {
  test('answers a real question of a real package', { timeout: LONG }, async ({ desk, scratch, folder }) => {
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', 'import svcs; print(svcs.__path__[0])']);
    const workspace = await scratch.workspace(stdout.trim(), path.join(folder, 'package', 'svcs'));
    await desk.configure(await realModel());
    const window = await desk.open(path.dirname(workspace));
    const view = await AskView.of(window);
    await view.askThrough('Where is ServicePing defined?');
    await screenshot(window, 'real-model');
    await view
      .link(/_core\.py:\d+/)
      .first()
      .click();
    await window.tab('_core.py').waitFor();
    await until('the cursor is in a cited line', async () => (await window.cursor()).line > 1);
    await window.line('class ServicePing').waitFor();
    expect(await window.notifications.count()).toBe(0);
  });
});
