import { type ChildProcess, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Failure } from '../server/failure';

/** A program that was told to end gets this long before it is killed. */
const PATIENCE_MS = 2000;
/** The last lines of a program; failures are read from them. */
const LINES_KEPT = 400;

/** A program and what it is given. Arguments are passed as they are: there is no shell. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to our environment; `undefined` takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How to hear of a program while it runs, and how to end it. */
export interface Watching {
  readonly onLine?: (line: string) => void;
  /** Ends the program and all that it started. */
  readonly signal?: AbortSignal;
  /** Ends it after this long; it counts as failed then. */
  readonly timeoutMs?: number;
}

/** How a program went. */
export interface Ended {
  /** 0 when it did what it should; null when it was killed or could not be started. */
  readonly code: number | null;
  readonly stdout: readonly string[];
  /** Both streams, as the lines came. */
  readonly lines: readonly string[];
}

/**
 * Runs a program to its end, in the home folder: nothing of a workspace may be taken for a module of Python's.
 * Rejects only when it was cancelled, with a `Failure`, and then nothing of it runs any more.
 */
export async function run(program: Program, { onLine, signal, timeoutMs }: Watching = {}): Promise<Ended> {
  throwIfAborted(signal);
  const child = spawn(program.command, program.args, {
    cwd: homedir(),
    env: { ...process.env, ...program.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32', // a group of its own, to be ended as one
    windowsHide: true,
  });
  const stdout: string[] = [];
  const lines: string[] = [];
  const hear = (line: string, own?: string[]): void => {
    for (const kept of own === undefined ? [lines] : [lines, own]) {
      kept.push(line);
      kept.splice(0, kept.length - LINES_KEPT);
    }
    onLine?.(line);
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    hear(line, stdout);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    hear(line);
  });
  const code = await ending(child, signal, timeoutMs, hear);
  throwIfAborted(signal);
  return { code, stdout, lines };
}

/** What a cancelled step rejects with. */
export function cancelled(): Failure {
  return new Failure('cancelled', 'Set-up was cancelled.', '');
}

/** Ends a step that was cancelled while something went on that does not hear of it. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw cancelled();
  }
}

/** The environment for a Python or an installer: without what would lead it to other packages than its own. */
export const CLEAN_PYTHON = {
  PYTHONHOME: undefined,
  PYTHONPATH: undefined,
  PYTHONNOUSERSITE: '1',
  PYTHONUTF8: '1',
  VIRTUAL_ENV: undefined,
  CONDA_PREFIX: undefined,
  PIP_REQUIRE_VIRTUALENV: undefined,
  PIP_TARGET: undefined,
  PIP_PREFIX: undefined,
  PIP_USER: undefined,
} as const;

async function ending(
  child: ChildProcess,
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  hear: (line: string) => void,
): Promise<number | null> {
  const timers: NodeJS.Timeout[] = [];
  const end = (): void => {
    endTree(child, 'SIGTERM');
    timers.push(setTimeout(endTree, PATIENCE_MS, child, 'SIGKILL'));
  };
  signal?.addEventListener('abort', end, { once: true });
  if (timeoutMs !== undefined) {
    timers.push(setTimeout(end, timeoutMs));
  }
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => {
        hear(error.message);
        resolve(null);
      });
      child.once('close', resolve);
    });
  } finally {
    signal?.removeEventListener('abort', end);
    timers.forEach(clearTimeout);
  }
}

/** Ends a program and what it started, as far as that has not left its group. */
function endTree(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) {
    return;
  }
  if (process.platform === 'win32') {
    const taskkill = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
    spawn(taskkill, ['/PID', String(child.pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on('error', () => {
      child.kill();
    });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // it has ended meanwhile
  }
}
