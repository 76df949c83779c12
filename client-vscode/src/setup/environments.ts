import { rmSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Launch } from '../server/command';
import { CLEAN_PYTHON, run } from './processes';
import { isExecutable } from './python';
import type { Source } from './source';

const PREFIX = 'env-';
/** In each environment; written last, so that its presence means that the environment is whole. */
const MARKER = 'inglenook.json';
/** Holds an empty file for each window that runs its server from the environment, by the id of its process. */
const USERS = 'users';
const CHECK_MS = 60_000;

/** How the environment of this version of the extension is. */
export type EnvironmentState =
  | 'whole'
  | 'missing'
  /** There is one of another version: the person has agreed before. */
  | 'outdated'
  /** It was whole once, or would have become so. */
  | 'broken';

interface Marker {
  readonly version: string;
  readonly id: string;
}

/**
 * The environments in the extension's storage, one for each version. An environment is made where it stays, since
 * a moved one would not find its programs; only its marker makes it one.
 */
export class Environments {
  constructor(
    readonly root: string,
    readonly source: () => Promise<Source>,
  ) {}

  async folder(): Promise<string> {
    const { version, id } = await this.source();
    return join(this.root, `${PREFIX}${version}-${id}`);
  }

  /** A look at a few files: it starts nothing. */
  async state(): Promise<EnvironmentState> {
    const folder = await this.folder();
    const entries = await list(this.root);
    if (entries.some((name) => join(this.root, name) === folder)) {
      const whole = (await readMarker(folder)) !== undefined && (await isExecutable(pythonOf(folder)));
      return whole ? 'whole' : 'broken';
    }
    const markers = await Promise.all(entries.map((name) => readMarker(join(this.root, name))));
    return markers.some((marker) => marker !== undefined) ? 'outdated' : 'missing';
  }

  /** Whether the server can be run from it. Where it cannot, it counts as broken from now on. */
  async works(): Promise<boolean> {
    const folder = await this.folder();
    const works = await serverAnswers(folder);
    if (!works) {
      await rm(join(folder, MARKER), { force: true });
    }
    return works;
  }

  /** How the server is started from the environment. Until `release` it is not deleted. */
  async launch(): Promise<Launch> {
    const folder = await this.folder();
    await mkdir(join(folder, USERS), { recursive: true });
    await writeFile(join(folder, USERS, String(process.pid)), '');
    const env = { PYTHONHOME: '', PYTHONPATH: '', PYTHONNOUSERSITE: '1', PYTHONSAFEPATH: '1', PYTHONUTF8: '1' };
    return { command: pythonOf(folder), args: ['-m', 'lsp_server', 'serve'], env };
  }

  async release(): Promise<void> {
    rmSync(join(await this.folder(), USERS, String(process.pid)), { force: true });
  }

  /** Makes the environment one. */
  async complete(): Promise<void> {
    const { version, id } = await this.source();
    const marker: Marker = { version, id };
    await writeFile(join(await this.folder(), MARKER), `${JSON.stringify(marker)}\n`);
  }

  /** Environments of earlier versions, and what was left of attempts, unless a window uses them. */
  async others(): Promise<readonly string[]> {
    const own = await this.folder();
    const { version } = await this.source();
    const others: string[] = [];
    for (const folder of (await list(this.root)).map((name) => join(this.root, name))) {
      const marker = await readMarker(folder);
      const newer = marker !== undefined && isNewer(marker.version, version);
      if (folder !== own && !newer && !(await isUsed(folder))) {
        others.push(folder);
      }
    }
    return others;
  }

  /** Deletes those. No window may be installing: what it has made so far would be taken for left over. */
  async removeOthers(): Promise<readonly string[]> {
    const others = await this.others();
    for (const folder of others) {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
    return others;
  }
}

/** The Python of an environment. */
export function pythonOf(folder: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

/** Whether the server's program comes up. One that takes for ever is not said to be broken. */
export async function serverAnswers(folder: string, signal?: AbortSignal): Promise<boolean> {
  const { code, lines } = await run(
    { command: pythonOf(folder), args: ['-I', '-m', 'lsp_server', '--version'], env: CLEAN_PYTHON },
    { timeoutMs: CHECK_MS, ...(signal === undefined ? {} : { signal }) },
  );
  return code === 0 || (code === null && lines.length === 0);
}

async function list(root: string): Promise<readonly string[]> {
  try {
    return (await readdir(root)).filter((name) => name.startsWith(PREFIX));
  } catch {
    return []; // nothing was ever stored
  }
}

async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    const found = JSON.parse(await readFile(join(folder, MARKER), 'utf8')) as Partial<Marker>;
    return typeof found.version === 'string' && typeof found.id === 'string'
      ? { version: found.version, id: found.id }
      : undefined;
  } catch {
    return undefined;
  }
}

async function isUsed(folder: string): Promise<boolean> {
  try {
    const users = await readdir(join(folder, USERS));
    return users.some((pid) => Number(pid) !== process.pid && isAlive(Number(pid)));
  } catch {
    return false;
  }
}

/** Whether a process of this machine lives; one of another user does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}
