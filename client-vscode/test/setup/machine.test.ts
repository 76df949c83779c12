import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { LOCK_SHA256, MODEL_PACKAGES } from '../../src/setup/downloads';
import { type Machine, macosVersion, supportOf, thisMachine } from '../../src/setup/machine';
import { without } from '../../src/setup/source';

vi.setConfig({ testTimeout: 60_000 }); // it starts many processes

const LOCK = join(import.meta.dirname, '..', '..', 'requirements.lock');

function machine(platform: NodeJS.Platform, arch: string, version: number | undefined): Machine {
  return { platform, arch, version, distributions: [] };
}

test.each([[machine('linux', 'x64', 36)], [machine('linux', 'arm64', 35)], [machine('darwin', 'arm64', 14)]])(
  'a model runs on %o',
  (here) => {
    expect(supportOf(here).kind).toBe('model');
  },
);

test.each([
  [machine('darwin', 'x64', 15), 'MLX, which computes it, needs a Mac with Apple silicon'],
  [machine('darwin', 'arm64', 13), 'it needs macOS 14 or newer, and this is macOS 13'],
  [machine('linux', 'x64', 34), 'its packages need glibc 2.35 or newer, and this system has 2.34'],
])('no model runs on %o, but the server does', (here, why) => {
  expect(supportOf(here)).toMatchObject({
    kind: 'serverOnly',
    reason: `No model can run on this machine: ${why}.`,
  });
});

test.each([
  [machine('linux', 'x64', undefined), 'its packages need glibc, and this system has another C library (musl)'],
  [machine('linux', 'riscv64', 38), 'its packages are not made for linux on riscv64'],
  [machine('linux', 'x64', 17), 'its packages need glibc 2.28 or newer, and this system has 2.17'],
  [
    machine('win32', 'x64', 0),
    'the language server needs the sockets and locks of Unix. It runs in WSL: open the folder there',
  ],
  [machine('darwin', 'x64', 12), 'it needs macOS 13 or newer, and this is macOS 12'],
])('nothing can be installed on %o', (here, why) => {
  expect(supportOf(here)).toEqual({ kind: 'none', reason: `Inglenook cannot run on this machine: ${why}.` });
});

test('this machine says what it is', async () => {
  const here = await thisMachine();
  expect([here.platform, here.arch]).toEqual([process.platform, process.arch]);
  expect(here.version).toBeTypeOf('number');
});

test('the version of macOS is told by that of its kernel', () => {
  expect(['21.6.0', '23.0.0', '24.1.0', '25.0.0'].map(macosVersion)).toEqual([12, 14, 15, 26]);
});

test('the sizes are those of the lock that is installed', async () => {
  const lock = await readFile(LOCK);
  expect(createHash('sha256').update(lock).digest('hex')).toBe(LOCK_SHA256);
});

test('without the model the lock keeps every other package whole', async () => {
  const lock = await readFile(LOCK, 'utf8');
  const names = (text: string): string[] => [...text.matchAll(/^([\w.-]+)==/gm)].map(([, name]) => name ?? '');
  const rest = without(MODEL_PACKAGES, lock);
  expect(names(rest)).toEqual(names(lock).filter((name) => !MODEL_PACKAGES.includes(name)));
  expect(rest.match(/--hash=/g)?.length).toBeGreaterThan(1000);
  expect(without([], lock)).toBe(lock);
});
