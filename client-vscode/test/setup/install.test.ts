import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { isAlive, pythonOf } from '../../src/setup/environments';
import { checkDisk } from '../../src/setup/install';
import { OwnServer } from '../../src/setup/ownServer';
import { fakePython } from './fakePython';
import { Site, exists } from './site';

vi.setConfig({ testTimeout: 60_000 }); // it starts many processes

test('an environment is made, filled with what the lock pins, tried, and only then counts', async () => {
  const site = await Site.make();
  const calls = join(site.folder, 'calls');
  const own = site.environments();
  expect(await own.state()).toBe('missing');
  await site.install({ calls }, own);
  expect(await own.state()).toBe('whole');
  const at = await own.folder();
  const pip = '-I -m pip --disable-pip-version-check --no-input';
  const options = 'install --no-user --no-compile --no-warn-script-location --progress-bar raw';
  expect((await readFile(calls, 'utf8')).trim().split('\n')).toEqual([
    `-I -m venv ${at}`,
    `${pip} --version`,
    `${pip} ${options} --require-hashes --no-deps --only-binary=:all: -r ${at}/requirements.lock`,
    `${pip} --version`,
    `${pip} ${options} --no-deps --no-index ${site.server}/inglenook-0.1.0-py3-none-any.whl`,
    '-I -m lsp_server --version',
  ]);
  expect(await readFile(join(at, 'requirements.lock'), 'utf8')).toContain('mlx==2');
});

test('progress never falls, and names what is downloaded', async () => {
  const site = await Site.make();
  const pipLines = [
    'Collecting attrs==1 (from -r lock (line 1))',
    '  Downloading attrs-1-py3-none-any.whl.metadata (3.1 kB)',
    'Downloading attrs-1-py3-none-any.whl (40.0 MB)',
    'Progress 20000000 of 40000000',
    'Using cached mlx_lm-2-py3-none-any.whl (60.0 MB)',
    'Installing collected packages: attrs, mlx-lm',
  ];
  expect(await site.install({ pipLines })).toEqual([
    'Making an environment 0 %',
    'Asking for packages',
    'Downloading attrs 0 %',
    'Downloading attrs 16 %',
    'Downloading mlx_lm 80 %',
    'Unpacking packages 80 %',
    'Installing the language server 95 %',
    'Trying it 98 %',
  ]);
});

test('an old pip is not asked for what it does not know', async () => {
  const site = await Site.make();
  const calls = join(site.folder, 'calls');
  await site.install({ calls, pipVersion: '23.0.1' });
  expect(await readFile(calls, 'utf8')).toContain('--progress-bar off');
});

test('where no model can run, what only a model takes is left out, in an environment of its own', async () => {
  const site = await Site.make();
  const own = site.environments('0.1.0', false);
  await site.install({}, own);
  expect(await readFile(join(await own.folder(), 'requirements.lock'), 'utf8')).toBe(
    'attrs==1 \\\n    --hash=sha256:00\n',
  );
  expect(await site.environments().state()).toBe('outdated');
});

test('a network that is cut is told as such, and leaves nothing; a second try goes on', async () => {
  const site = await Site.make();
  const pipLines = ["WARNING: Retrying after connection broken by 'NewConnectionError(...)'", 'ERROR: no such thing'];
  await expect(site.install({ pipLines, pipFails: true })).rejects.toMatchObject({
    message: 'The network failed while packages were downloaded.',
    remedies: [{ kind: 'retry' }, { kind: 'showLog' }],
  });
  expect(await readdir(site.storage)).toEqual([]);
  await site.install({});
  expect(await site.environments().state()).toBe('whole');
});

test('a missing ensurepip is told with the package to install', async () => {
  const site = await Site.make();
  const venvFails = ['The virtual environment was not created successfully because ensurepip is not available.'];
  await expect(site.install({ venvFails })).rejects.toMatchObject({ hint: 'Run: sudo apt install python3.12-venv' });
  await expect(site.install({ venvFails: ['No module named venv'] })).rejects.toMatchObject({
    hint: 'Run: sudo apt install python3.12-venv',
  });
  expect(await readdir(site.storage)).toEqual([]);
});

test('a server that does not run in its new environment is a failure', async () => {
  const site = await Site.make();
  await expect(site.install({ serverFails: ['ImportError: libstdc++.so.6'] })).rejects.toThrow(
    'The language server was installed, but does not run on this machine (linux, x64).',
  );
  expect(await site.environments().state()).toBe('missing');
});

test('cancelling ends pip with all that it started, and leaves nothing', async () => {
  const site = await Site.make();
  const pids = join(site.folder, 'pids');
  const abort = new AbortController();
  const installing = site.install({ pipHangs: pids }, site.environments(), abort.signal);
  const cancelled = expect(installing).rejects.toMatchObject({ kind: 'cancelled' });
  await vi.waitUntil(() => exists(pids), { timeout: 20_000 });
  const [pip, child] = (await readFile(pids, 'utf8')).split(' ').map(Number);
  abort.abort();
  await cancelled;
  expect(await readdir(site.storage)).toEqual([]);
  await vi.waitUntil(() => !isAlive(pip ?? 0) && !isAlive(child ?? 0), { timeout: 20_000 });
});

test('another version is made beside the old, which is deleted afterwards', async () => {
  const site = await Site.make();
  const old = site.environments('0.1.0');
  await site.install({}, old);
  const next = site.environments('0.2.0');
  expect(await next.state()).toBe('outdated');
  await site.install({}, next);
  expect(await old.state()).toBe('whole');
  expect(await next.removeOthers()).toEqual([await old.folder()]);
  expect(await next.state()).toBe('whole');
});

test('another lock is another environment, even of the same version', async () => {
  const site = await Site.make();
  await site.install({});
  await site.carry(`rich==3 \\\n    --hash=sha256:02\n`);
  expect(await site.environments().state()).toBe('outdated');
});

test('an environment that a window runs, or of a newer version, is not deleted', async () => {
  const site = await Site.make();
  const [old, next] = [site.environments('0.9.0'), site.environments('0.10.0')];
  await site.install({}, old);
  await site.install({}, next);
  expect(await old.removeOthers()).toEqual([]);
  await mkdir(join(await old.folder(), 'users'));
  await writeFile(join(await old.folder(), 'users', String(process.ppid)), '');
  expect(await next.removeOthers()).toEqual([]);
});

test('an environment without its Python, or without its marker, is broken and made anew', async () => {
  const site = await Site.make();
  const own = site.environments();
  await site.install({}, own);
  await rm(pythonOf(await own.folder()));
  expect(await own.state()).toBe('broken');
  await site.install({}, own);
  await rm(join(await own.folder(), 'inglenook.json'));
  expect(await own.state()).toBe('broken');
  await site.install({}, own);
  expect(await own.state()).toBe('whole');
});

test('the server is started from the environment; after a crash it is seen whether it runs at all', async () => {
  const site = await Site.make();
  const own = site.environments();
  const server = new OwnServer(own);
  expect(await server.resolve()).toEqual({ needsSetUp: 'The language server is not installed yet.' });
  await site.install({}, own);
  const python = pythonOf(await own.folder());
  expect(await server.resolve()).toMatchObject({ command: python, args: ['-m', 'lsp_server', 'serve'] });
  expect(await server.resolve()).toMatchObject({ command: python });
  await fakePython(join(await own.folder(), 'bin'), 'python', { serverFails: ['No module named lsp_server'] });
  expect(await server.resolve()).toEqual({
    needsSetUp: 'The language server’s installation is not whole; set-up repairs it.',
  });
  expect(await own.state()).toBe('broken');
});

test('a build without the server’s files says so', async () => {
  const site = await Site.make();
  await rm(site.server, { recursive: true });
  expect(await new OwnServer(site.environments()).resolve()).toEqual({
    needsSetUp: 'This build of the extension does not carry the language server.',
  });
});

test('a disk without room is told before anything is begun', async () => {
  const site = await Site.make();
  await expect(checkDisk(site.storage, 1e18)).rejects.toThrow(
    /^Set-up takes 1000000000.0 GB of disk; [\d.]+ GB are free at /,
  );
});
