import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { kill, until } from './processes.ts';
import { protocolRules, PROTOCOLS } from './rules.ts';
import { AskView } from './view.ts';

describe('the life of the server', () => {
  test('a server that is killed is started again, without a word', async ({ window, model }) => {
    await window.says('Ready.');
    const [first = 0] = await model.servers();
    kill(first, 'SIGKILL');
    await until('another server runs', async () => (await model.servers()).some((pid) => pid !== first));
    await window.says('Ready.');
    expect(await window.notifications.count()).toBe(0);
  });

  test('Restart Server starts another', async ({ window, model }) => {
    await window.says('Ready.');
    const [first] = await model.servers();
    await window.run('Inglenook: Restart Server');
    await until('the first is gone', async () => !(await model.servers()).includes(first ?? 0));
    await window.says('Ready.');
  });

  test('a server that keeps ending is given up, with one message and a way on', async ({ desk, model }) => {
    await desk.configure({ 'inglenook.server.command': ['/bin/false'] });
    const window = await desk.open();
    await window.statusItem(/Inglenook: The language server keeps ending/).waitFor({ timeout: 90_000 });
    await window.notifications.first().waitFor();
    expect(await window.notifications.count()).toBe(1);
    await screenshot(window, 'server-given-up');
    await desk.configure(model.settings);
    await window.notifications.getByRole('button', { name: 'Restart' }).click();
    await window.says('Ready.');
    await window.notifications.waitFor({ state: 'hidden' });
  });

  test('a server that is slow to start is said to be; a question waits for it, and can be stopped', async ({
    desk,
    model,
  }) => {
    await desk.configure({ 'inglenook.server.command': ['/bin/sh', '-c', 'while read -r _; do :; done'] }); // no word
    const window = await desk.open();
    const item = await window.says('The language server is still starting.');
    expect(await item.innerText()).toContain('Starting');
    await window.run('Inglenook: Ask Codebase');
    const view = new AskView(window);
    await view.text('The language server is still starting.').waitFor();
    await view.button('Show Log').waitFor();
    await view.ask(PROTOCOLS);
    await view.text('Waiting for the language server').waitFor();
    await screenshot(window, 'server-slow');
    await view.button('Stop').first().click();
    await view.text('Stopped').waitFor();
    expect(await window.notifications.count()).toBe(0);
    await model.follows(protocolRules());
    await desk.configure(model.settings);
    await window.says('Ready.');
    await view.text('The language server is still starting.').waitFor({ state: 'detached' });
    await view.askThrough(PROTOCOLS);
  });

  test('a server that is not there is told at once', async ({ desk }) => {
    await desk.configure({ 'inglenook.server.command': ['/nowhere/inglenook', 'serve'] });
    const window = await desk.open();
    await window.statusItem(/Inglenook: .*nowhere/).waitFor();
    expect(await window.notifications.count()).toBe(1);
    await screenshot(window, 'server-missing');
  });

  test('two windows share one model in memory', async ({ desk, model }) => {
    for (const window of [await desk.open(), await desk.open()]) await window.says('Ready.');
    expect(await model.servers()).toHaveLength(2);
    expect(await model.residents()).toHaveLength(1);
  });
});
