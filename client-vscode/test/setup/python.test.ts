import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { type Places, findToolchain } from '../../src/setup/python';
import { fakePython, scratch, script } from './fakePython';
import { LINUX } from './site';

vi.setConfig({ testTimeout: 60_000 }); // it starts many processes

function places(folder: string, given: Partial<Places> = {}): Places {
  return { machine: LINUX, setting: '', chosen: () => Promise.resolve(undefined), path: [folder], ...given };
}

test('the newest Python on the path that packages are made for is taken', async () => {
  const folder = await scratch();
  await fakePython(folder, 'python3.11', { version: [3, 11, 2] });
  const python = await fakePython(folder, 'python3.13', { version: [3, 13, 1] });
  expect(await findToolchain(places(folder))).toEqual({ python, version: '3.13.1', uv: undefined, fetched: false });
});

test('the choice of the Python extension goes before the path, the setting before everything', async () => {
  const folder = await scratch();
  await fakePython(folder, 'python3.13', { version: [3, 13, 1] });
  const chosen = await fakePython(folder, 'chosen');
  const setting = await fakePython(folder, 'set');
  const asked = places(folder, { chosen: () => Promise.resolve(chosen) });
  expect((await findToolchain(asked)).python).toBe(chosen);
  expect((await findToolchain({ ...asked, setting })).python).toBe(setting);
});

test('a setting that names no usable Python is told, and nothing else is tried', async () => {
  const folder = await scratch();
  await fakePython(folder, 'python3.13', { version: [3, 13, 1] });
  const setting = await fakePython(folder, 'old', { version: [3, 9, 0] });
  await expect(findToolchain(places(folder, { setting }))).rejects.toMatchObject({
    message: `The setting inglenook.server.python names ${setting}, which cannot be used: too old.`,
    remedies: [{ kind: 'choosePython' }, { kind: 'retry' }],
  });
  await expect(findToolchain(places(folder, { setting: '/nowhere/python' }))).rejects.toMatchObject({
    message: 'The setting inglenook.server.python names /nowhere/python, which cannot be used: it does not run.',
  });
});

test('where there is none, the system’s way to get one is told', async () => {
  const folder = await scratch();
  await expect(findToolchain(places(folder))).rejects.toMatchObject({
    message: 'Set-up needs Python 3.11 to 3.14; none was found.',
    hint: 'Run: sudo apt install python3 python3-venv',
    remedies: [
      { kind: 'terminal', command: 'sudo apt install python3 python3-venv' },
      { kind: 'choosePython' },
      { kind: 'retry' },
    ],
  });
  const mac = { ...LINUX, platform: 'darwin', distributions: [] } as const;
  await expect(findToolchain(places(folder, { machine: mac }))).rejects.toMatchObject({
    hint: 'Install it with Homebrew or from python.org; the one that Xcode brings is too old.',
  });
});

test('one that will not do is told with the reason', async () => {
  const folder = await scratch();
  const old = await fakePython(folder, 'python3.12', { version: [3, 9, 2] });
  const free = await fakePython(folder, 'python3.14', { version: [3, 14, 0], freeThreaded: true });
  const other = await fakePython(folder, 'python3', { implementation: 'pypy' });
  const young = await fakePython(folder, 'python', { version: [3, 15, 0] });
  await script(folder, 'python3.11', ['echo "not installed" >&2', 'exit 127']); // what a version manager leaves
  const failure = findToolchain(places(folder));
  await expect(failure).rejects.toMatchObject({ kind: 'needsSetUp' });
  await expect(failure).rejects.toThrow(
    `found was ${free}: 3.14.0 (free-threaded, and packages are not made for that); ${old}: 3.9.2 (too old); ` +
      `${other}: 3.12.4 (pypy, and packages are made for CPython); ${young}: 3.15.0 (packages are not made for it yet).`,
  );
});

test('a Python for another processor or of 32 bits will not do', async () => {
  const folder = await scratch();
  await fakePython(folder, 'python3.12', { machine: 'riscv64' });
  await fakePython(folder, 'python3.11', { bits: 32 });
  await expect(findToolchain(places(folder))).rejects.toThrow(/made for riscv64.*made for 32 bits/);
});

test('one that cannot make environments is told with the package that is missing', async () => {
  const folder = await scratch();
  const python = await fakePython(folder, 'python3', { version: [3, 11, 2], venv: false });
  await expect(findToolchain(places(folder))).rejects.toMatchObject({
    message: `${python} cannot make virtual environments: its module venv or ensurepip is not installed.`,
    hint: 'Run: sudo apt install python3.11-venv',
  });
  const fedora = { ...LINUX, distributions: ['fedora'] };
  await expect(findToolchain(places(folder, { machine: fedora }))).rejects.toMatchObject({
    hint: 'Run: sudo dnf install python3.11',
  });
});

test('where uv is there, it does what that Python cannot', async () => {
  const folder = await scratch();
  const python = await fakePython(folder, 'python3', { venv: false });
  const uv = await script(folder, 'uv', ['exit 2']);
  expect(await findToolchain(places(folder))).toEqual({ python, version: '3.12.4', uv, fetched: false });
});

test('uv is asked for a Python that is not on the path, and fetches one where there is none', async () => {
  const folder = await scratch();
  const python = await fakePython(join(folder, 'uv-pythons'), 'python3.12');
  const args = join(folder, 'args');
  const uv = await script(folder, 'uv', [`echo "$@" >${args}`, `echo ${python}`]);
  expect((await findToolchain(places(folder))).python).toBe(python);
  expect(await readFile(args, 'utf8')).toBe('python find --no-project >=3.11,<3.15\n');
  await script(folder, 'uv', ['exit 2']);
  expect(await findToolchain(places(folder))).toEqual({ python: '3.13', version: '3.13', uv, fetched: true });
});
