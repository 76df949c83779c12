import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { InstallationWatch } from '../../src/setup/following';
import { LOCK, oneAtATime } from '../../src/setup/oneAtATime';
import { scratch } from './fakePython';

vi.setConfig({ testTimeout: 60_000 }); // it starts many processes

const NEVER = new AbortController().signal;

/** Something that happens once. */
class Latch {
  readonly opened: Promise<void>;
  open!: () => void;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

function nothing(): void {
  // the one that waits is not of interest
}

test('of two at once one works while the other waits, and then follows', async () => {
  const root = await scratch();
  const order: string[] = [];
  const first = new Latch();
  const working = oneAtATime(root, () => first.opened, nothing, NEVER);
  await vi.waitUntil(async () => (await readdir(root)).includes(LOCK));
  const waiting = oneAtATime(
    root,
    () => Promise.resolve(order.push('second')),
    () => {
      order.push('waits');
      first.open();
    },
    NEVER,
  );
  await Promise.all([working, waiting]);
  expect(order[0]).toBe('waits');
  expect(order.at(-1)).toBe('second');
  expect(await readdir(root)).toEqual([]);
});

test('one that waits can be cancelled', async () => {
  const root = await scratch();
  const abort = new AbortController();
  const first = new Latch();
  const working = oneAtATime(root, () => first.opened, nothing, NEVER);
  await vi.waitUntil(async () => (await readdir(root)).includes(LOCK));
  const waiting = oneAtATime(
    root,
    () => Promise.resolve(),
    () => {
      abort.abort();
    },
    abort.signal,
  );
  await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
  first.open();
  await working;
});

test('a failure lets the next one in', async () => {
  const root = await scratch();
  await expect(oneAtATime(root, () => Promise.reject(new Error('No.')), nothing, NEVER)).rejects.toThrow('No.');
  expect(await oneAtATime(root, () => Promise.resolve(1), nothing, NEVER)).toBe(1);
});

test('a window that is gone holds nothing up', async () => {
  const root = await scratch();
  const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(gone, 'exit');
  await writeFile(join(root, LOCK), JSON.stringify({ pid: gone.pid, host: hostname() }));
  expect(await oneAtATime(root, () => Promise.resolve(1), nothing, NEVER)).toBe(1);
});

test('one of another machine that was long silent is gone too', async () => {
  const root = await scratch();
  await writeFile(join(root, LOCK), JSON.stringify({ pid: process.pid, host: 'elsewhere' }));
  const past = new Date(Date.now() - 120_000);
  await utimes(join(root, LOCK), past, past);
  expect(await oneAtATime(root, () => Promise.resolve(1), nothing, NEVER)).toBe(1);
});

test('a window that did not install hears when another has', async () => {
  const root = await scratch();
  const heard = new Latch();
  const watch = new InstallationWatch(root, heard.open);
  await watch.start();
  await oneAtATime(root, () => access(join(root, LOCK)), nothing, NEVER);
  await heard.opened;
  watch.dispose();
});
