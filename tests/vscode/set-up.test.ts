import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test as base } from './fixtures.ts';
import { PYTHON, realModel } from './model.ts';
import { until } from './processes.ts';

/** All packages are downloaded, one of them a second time. */
const LONG = 600_000;
/** Enough for some small packages, and not for the large ones. */
const BEFORE_THE_CUT = 8e6;

/** A VS Code whose installers go through a network that can be cut, and find nothing that was downloaded before. */
const test = base.extend('environment', { scope: 'file' }, ({ network }) => ({
  PIP_PROXY: network.url,
  PIP_RETRIES: '1',
  PIP_FIND_LINKS: undefined,
}));

describe('set-up', () => {
  test(
    'the server installs itself, and goes on after the network was lost',
    { timeout: LONG },
    async ({ desk, host, network }) => {
      await desk.configure({
        ...(await realModel()),
        'inglenook.server.command': [],
        'inglenook.server.python': PYTHON,
      });
      const window = await desk.open();
      network.cutAfter(BEFORE_THE_CUT);
      await window.dialog.getByRole('button', { name: 'Set Up', exact: true }).click();
      await window.notifications.filter({ hasText: 'Installing the language server' }).waitFor();
      const lost = window.notifications.filter({ hasText: /The network failed|If the network was lost/ });
      await lost.waitFor();
      expect(network.isCut).toBe(true);
      await screenshot(window, 'set-up-network-lost');
      network.mend();
      await lost.getByRole('button', { name: 'Try Again' }).click();
      await window.notifications.filter({ hasText: 'Downloading' }).waitFor();
      await screenshot(window, 'set-up-downloading');
      await until('the server is installed', async () => (await host.extensionLog()).includes('Starting '), 480);
      await window.says('Ready.');
      expect(await window.notifications.filter({ hasText: 'failed' }).count()).toBe(0);
    },
  );
});
