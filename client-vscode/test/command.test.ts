import { expect, test } from 'vitest';

import { type ServerCommand, configuredOr } from '../src/server/command';

const OWN: ServerCommand = { resolve: () => Promise.resolve({ needsSetUp: 'Nothing is installed.' }) };

test('the person’s own command is taken as it is written', async () => {
  const command = configuredOr(() => ['/opt/inglenook', 'serve', '--stdio'], OWN);
  expect(await command.resolve()).toEqual({ command: '/opt/inglenook', args: ['serve', '--stdio'], env: {} });
});

test('without one the extension’s own server is asked for, each time anew', async () => {
  let configured: readonly string[] = [];
  const command = configuredOr(() => configured, OWN);
  expect(await command.resolve()).toEqual({ needsSetUp: 'Nothing is installed.' });
  configured = ['inglenook'];
  expect(await command.resolve()).toEqual({ command: 'inglenook', args: [], env: {} });
});
