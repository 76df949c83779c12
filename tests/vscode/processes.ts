import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const LOOK_AGAIN = 100;

/** A process as `ps` shows it. */
export interface Process {
  readonly pid: number;
  readonly command: string;
}

/** Returns the running processes whose command line names a folder: what was started for it, wherever it has moved. */
export async function processesOf(folder: string): Promise<readonly Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axwwo', 'pid=,command=']);
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+) (.*)$/.exec(line))
    .filter((match) => match?.[2]?.includes(folder))
    .map((match) => ({ pid: Number(match?.[1]), command: match?.[2] ?? '' }))
    .filter((process_) => process_.pid !== process.pid);
}

/** Returns the bytes of memory that a process holds. */
export async function memoryOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) * 1024;
}

/** Returns the process that has started another one. */
export async function parentOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=', '-p', String(pid)]);
  return Number(stdout);
}

/** Waits until something holds; it is looked at ten times a second, since nothing tells of it. */
export async function until<T>(what: string, look: () => T | Promise<T>, seconds = 60): Promise<NonNullable<T>> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${String(seconds)} seconds in vain: ${what}.`);
    await sleep(LOOK_AGAIN);
  }
}

/** Waits until nothing runs for a folder; what stays is ended, and that is a failure. */
export async function allGone(folder: string, seconds = 60): Promise<void> {
  try {
    await until(`processes of ${folder} end`, async () => (await processesOf(folder)).length === 0, seconds);
  } catch {
    const left = await processesOf(folder);
    for (const { pid } of left) kill(pid, 'SIGKILL');
    if (left.length) throw new Error(`These were left behind: ${left.map(({ command }) => command).join('\n')}`);
  }
}

/** Sends a signal; that a process has just ended by itself is no failure. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
