import { type FileHandle, link, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isAlive } from './environments';
import { cancelled } from './processes';

/** Where it lies, a window installs. */
export const LOCK = 'set-up.lock';

const LOOK_MS = 500;
/** Whoever holds the lock touches it so often … */
const TOUCH_MS = 5000;
/** … and is taken to be gone when it has not for so long: on another machine that shares the folder … */
const SILENT_MS = 60_000;
/** … and on this one, where its process may be another by now, or have slept. */
const SILENT_HERE_MS = 600_000;

interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** Waits until no other window installs, then does `work` while no other does. `waiting` is called where it must wait. */
export async function oneAtATime<T>(
  root: string,
  work: () => Promise<T>,
  waiting: () => void,
  signal: AbortSignal,
): Promise<T> {
  const path = join(root, LOCK);
  await mkdir(root, { recursive: true });
  while (!(await take(path))) {
    waiting();
    await dropIfLeft(path);
    await delay(LOOK_MS, undefined, { signal }).catch(() => {
      throw cancelled();
    });
  }
  const touching = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  const file = await made(path);
  if (file === undefined) {
    return false;
  }
  const holder: Holder = { pid: process.pid, host: hostname() };
  try {
    await file.writeFile(JSON.stringify(holder));
    return true;
  } catch (error) {
    await rm(path, { force: true }); // on a full disk it would stay empty, and hold everybody up
    throw error;
  } finally {
    await file.close();
  }
}

/** Makes the file; undefined where there is one. */
async function made(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return undefined;
    }
    throw error;
  }
}

/** Takes the lock away from a window that is gone. */
async function dropIfLeft(path: string): Promise<void> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const silentMs = Date.now() - mtimeMs;
    const holder = readHolder(text);
    const here = holder?.host === hostname();
    const gone = here ? !isAlive(holder.pid) || silentMs > SILENT_HERE_MS : silentMs > SILENT_MS;
    if (!gone) {
      return;
    }
    const aside = `${path}.${process.pid}`;
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== text) {
      await link(aside, path); // another window was quicker, and this is its lock
    }
    await rm(aside, { force: true });
  } catch {
    // it has gone meanwhile
  }
}

/** Undefined while it is being written. */
function readHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}
