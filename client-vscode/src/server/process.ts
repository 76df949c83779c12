import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { createInterface } from 'node:readline';

import type { Launch } from './command';
import { Failure } from './failure';

/** A server that was told to end gets this long, and as long again after SIGTERM. */
const PATIENCE_MS = 2000;
/** What it wrote last may come this long after it has ended; a child of its own may hold the pipe for ever. */
const LAST_WORDS_MS = 200;

/** The server as a process of the operating system. */
export class ServerProcess {
  /** Resolves when it is gone, with words about how it went. */
  readonly gone: Promise<string>;
  #lastWords = '';

  private constructor(readonly child: ChildProcessWithoutNullStreams) {
    this.gone = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const tell = (): void => {
          resolve(ending(code, signal, this.#lastWords));
        };
        child.once('close', tell);
        setTimeout(tell, LAST_WORDS_MS);
      });
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#lastWords = line.trim() === '' ? this.#lastWords : line.trim();
    });
  }

  /**
   * Starts it; rejects with a `Failure` when there is no such program. It runs in the home folder: a program must
   * not find its modules in a workspace.
   */
  static async spawn(launch: Launch): Promise<ServerProcess> {
    const child = spawn(launch.command, launch.args, {
      cwd: homedir(),
      env: { ...process.env, ...launch.env },
      windowsHide: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => {
        reject(notStartable(launch, error));
      });
    });
    child.on('error', () => undefined); // a signal that came too late; `exit` tells the rest
    child.stdin.on('error', () => undefined); // likewise a message
    return new ServerProcess(child);
  }

  /** Sees to it that it ends: by itself if it will, else by signals. */
  async end(): Promise<void> {
    const timers = [
      setTimeout(() => this.child.kill('SIGTERM'), PATIENCE_MS),
      setTimeout(() => this.child.kill('SIGKILL'), 2 * PATIENCE_MS),
    ];
    await this.gone;
    timers.forEach(clearTimeout);
  }
}

function ending(code: number | null, signal: NodeJS.Signals | null, lastWords: string): string {
  const how = signal === null ? `it ended with exit code ${String(code)}` : `it was ended by ${signal}`;
  return lastWords === '' ? `${how}.` : `${how} (${lastWords}).`;
}

function notStartable(launch: Launch, error: NodeJS.ErrnoException): Failure {
  return new Failure(
    'serverCommand',
    `The language server ${launch.command} could not be started: ${reason(error)}.`,
    'Correct the setting “inglenook.server.command” if it names that program, else set up the server again.',
  );
}

function reason(error: NodeJS.ErrnoException): string {
  const known: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EACCES: 'it may not be run' };
  return known[error.code ?? ''] ?? error.message;
}
