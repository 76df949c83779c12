import path from 'node:path';

import { expect, test as base } from 'vitest';

import { keepRemains } from './artefacts.ts';
import { Browser } from './browser.ts';
import { extension } from './extension.ts';
import { Host, isolated } from './host.ts';
import { ScriptedModel } from './model.ts';
import { Network } from './network.ts';
import { Window } from './page.ts';
import { Scratch } from './scratch.ts';
import type { Settings } from './settings.ts';

/** Opens windows, in the order of a test, and closes them with it. */
export interface Desk {
  /** Opens a window over a folder, over a .code-workspace file, or over the sample workspace. */
  open(target?: string): Promise<Window>;
  /** Replaces the user's settings by those of the scripted model and these; open windows take them over. */
  configure(settings: Settings): Promise<void>;
}

/**
 * A test in a real VS Code.
 *
 * Server and browser are shared by the tests of a file; folder, model, settings and windows are each test's own.
 */
export const test = base
  .extend('scratch', { scope: 'file' }, async ({}, { onCleanup }) => {
    const scratch = await Scratch.make();
    onCleanup(() => scratch[Symbol.asyncDispose]());
    return scratch;
  })
  .extend('environment', { scope: 'file' }, (): NodeJS.ProcessEnv => ({}))
  .extend('host', { scope: 'file' }, async ({ scratch, environment }, { onCleanup }) => {
    const home = await scratch.folder('home');
    const host = await Host.start({
      extensions: [extension()],
      home,
      environment: { ...isolated(home), ...environment },
    });
    onCleanup(() => host[Symbol.asyncDispose]());
    return host;
  })
  .extend('network', { scope: 'file' }, async ({}, { onCleanup }) => {
    const network = await Network.start();
    onCleanup(() => network[Symbol.asyncDispose]());
    return network;
  })
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await Browser.launch();
    onCleanup(() => browser[Symbol.asyncDispose]());
    return browser;
  })
  .extend('folder', async ({ scratch, task }) => scratch.folder(task.id.replace(/\W/g, '')))
  .extend('workspace', async ({ scratch, folder }) => scratch.workspace('sample', path.join(folder, 'sample')))
  .extend('model', async ({ folder }) => ScriptedModel.make(folder))
  .extend('desk', async ({ host, browser, model, workspace, task }, { onCleanup }) => {
    const windows: Window[] = [];
    await host.configure(model.settings);
    onCleanup(async () => {
      if (task.result?.state === 'fail') {
        for (const [number, window] of windows.entries()) await keepRemains(host, window, `${task.name} ${number}`);
      }
      for (const window of windows) await window[Symbol.asyncDispose]();
      expect(browser.outside).toEqual([]);
    });
    const desk: Desk = {
      async open(target = workspace) {
        const window = new Window(await browser.page(host.url));
        windows.push(window);
        return window.open(host.address(target));
      },
      configure: (settings) => host.configure({ ...model.settings, ...settings }),
    };
    return desk;
  })
  .extend('window', async ({ desk }) => desk.open());
