import { homedir } from 'node:os';
import { text } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import type { Launch } from '../src/server/command';
import { ServerProcess } from '../src/server/process';

function script(source: string, env: Launch['env'] = {}): Launch {
  return { command: process.execPath, args: ['-e', source], env };
}

test('it runs in the home folder, with what the launch adds to the environment', async () => {
  const started = await ServerProcess.spawn(script('console.log(process.cwd(), process.env.NOOK)', { NOOK: 'warm' }));
  expect(await text(started.child.stdout)).toBe(`${homedir()} warm\n`);
});

test('how it went is told with the last line that it wrote', async () => {
  const started = await ServerProcess.spawn(
    script('console.error("first\\nNo module named x\\n"); process.exitCode = 3'),
  );
  expect(await started.gone).toBe('it ended with exit code 3 (No module named x).');
});

test('one that was killed says by what', async () => {
  const started = await ServerProcess.spawn(script('setInterval(() => {}, 1000)'));
  started.child.kill('SIGKILL');
  expect(await started.gone).toBe('it was ended by SIGKILL.');
});

test('one that ends by itself is not signalled', async () => {
  const started = await ServerProcess.spawn(script('process.stdin.resume()'));
  started.child.stdin.end();
  await started.end();
  expect(await started.gone).toBe('it ended with exit code 0.');
});

test('one that will not end is made to', async () => {
  const started = await ServerProcess.spawn(script('setInterval(() => {}, 1000)'));
  await started.end();
  expect(await started.gone).toBe('it was ended by SIGTERM.');
});

test('a program that is not there is a failure in words', async () => {
  const launch = { command: '/nowhere/inglenook', args: ['serve'], env: {} };
  await expect(ServerProcess.spawn(launch)).rejects.toMatchObject({
    kind: 'serverCommand',
    message: 'The language server /nowhere/inglenook could not be started: there is no such file.',
  });
});
