import fs from 'node:fs/promises';
import path from 'node:path';

import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { kill, memoryOf, parentOf } from './processes.ts';
import { protocolRules, PROTOCOLS } from './rules.ts';
import { AskView } from './view.ts';

const MANY = 100;
const LONG = 900_000;

describe('faults', () => {
  test('a model whose process dies in mid-answer is told once; the next question brings it back', async ({
    window,
    model,
  }) => {
    await model.follows(protocolRules(0.2));
    const view = await AskView.of(window);
    await view.ask(PROTOCOLS);
    await view
      .text(/^There/)
      .first()
      .waitFor();
    for (const pid of await model.residents()) kill(pid, 'SIGKILL');
    await view.text(/ended while it was answering/).waitFor();
    await screenshot(window, 'engine-died');
    expect(await window.notifications.count()).toBeLessThanOrEqual(1);
    await model.follows(protocolRules());
    await view.askThrough(PROTOCOLS);
  });

  test('a turn that the memory does not suffice for is told with what takes less', async ({ window, model }) => {
    await model.follows([{ when: 'protocols', raise: '[malloc] Unable to allocate 8589934592 bytes.' }]);
    const view = await AskView.of(window);
    await view.ask(PROTOCOLS);
    await view.text('Memory ran out while the model was answering.').waitFor();
    await screenshot(window, 'out-of-memory');
    await view.button('Select Model').waitFor();
    await model.follows(protocolRules());
    await view.askThrough(PROTOCOLS);
  });

  test('a citation of a file that has been renamed since says so', async ({ window, model, workspace }) => {
    await model.follows(protocolRules());
    const view = await AskView.of(window);
    await view.askThrough(PROTOCOLS);
    await fs.rename(path.join(workspace, 'shop/core.py'), path.join(workspace, 'shop/kernel.py'));
    await view
      .link(/core\.py:11/)
      .first()
      .click();
    await window.notifications.filter({ hasText: 'core.py' }).waitFor();
    await screenshot(window, 'citation-renamed');
  });

  test('a hundred questions leave the memory as it was', { timeout: LONG }, async ({ window, model }) => {
    await model.follows(protocolRules());
    const view = await AskView.of(window);
    const [server = 0] = await model.servers();
    const extensionHost = await parentOf(server);
    const memory = () => Promise.all([server, extensionHost].map(memoryOf));
    let after10: readonly number[] = [];
    for (let number = 1; number <= MANY; number += 1) {
      await view.askThrough(PROTOCOLS);
      if (number === 10) after10 = await memory();
    }
    const growth = (await memory()).map((bytes, which) => bytes / (after10[which] ?? 0));
    expect(growth.filter((times) => times >= 1.2)).toEqual([]);
  });
});
