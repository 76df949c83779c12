import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { QUIET, writeSettings, type Settings } from './settings.ts';

const LISTENING = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/;
const ENTRY = createRequire(import.meta.url).resolve('code-server/out/node/entry.js');

/** How a VS Code is to be started. */
export interface HostOptions {
  /** Extensions to install, each a .vsix file or an unpacked folder. */
  readonly extensions: readonly string[];
  /** Where settings, state and logs lie. The name of this folder is in the command line of all that is started. */
  readonly home: string;
  /** Added to the environment of the server, and so of everything that an extension starts. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The port to listen on; any free one by default. */
  readonly port?: number;
}

/** An environment in which the person's own settings, models and running model process play no part. */
export function isolated(home: string): NodeJS.ProcessEnv {
  return { HOME: home, XDG_RUNTIME_DIR: home, INGLENOOK_HOME: path.join(home, 'inglenook') };
}

/** A VS Code that serves browsers on this machine, with folders of its own for everything that it keeps. */
export class Host implements AsyncDisposable {
  readonly url: string;
  readonly home: string;
  readonly #process: ChildProcess;
  readonly #output: readonly string[];

  private constructor(url: string, home: string, process_: ChildProcess, output: readonly string[]) {
    this.url = url;
    this.home = home;
    this.#process = process_;
    this.#output = output;
  }

  /** Installs the extensions and returns once the server listens. */
  static async start({ extensions, home, environment = {}, port = 0 }: HostOptions): Promise<Host> {
    const env = { ...process.env, ...NEUTRAL, ...environment };
    await writeSettings(userData(home), QUIET);
    for (const extension of extensions) await install(home, extension, env);
    const words = [ENTRY, ...places(home), '--bind-addr', `127.0.0.1:${port}`, ...FLAGS];
    const process_ = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: string[] = [];
    const url = await listening(process_, output);
    return new Host(url, home, process_, output);
  }

  /** Replaces the user's settings by the quiet ones and these. */
  async configure(settings: Settings): Promise<void> {
    await writeSettings(userData(this.home), { ...QUIET, ...settings });
  }

  /** What the server itself has printed. */
  get output(): string {
    return this.#output.join('\n');
  }

  /** The folder of VS Code's own logs, which hold our output channel too. */
  get logs(): string {
    return path.join(userData(this.home), 'logs');
  }

  /** Returns all that the extension has written to its output channel, window after window. */
  async extensionLog(): Promise<string> {
    const files = await Array.fromAsync(fs.glob('**/*Inglenook.log', { cwd: this.logs }));
    const texts = files.toSorted().map((file) => fs.readFile(path.join(this.logs, file), 'utf8'));
    return (await Promise.all(texts)).join('');
  }

  /** The address of a window over a folder, or over a .code-workspace file. */
  address(target: string): string {
    const name = target.endsWith('.code-workspace') ? 'workspace' : 'folder';
    return `${this.url}/?${name}=${encodeURIComponent(target).replaceAll('%2F', '/')}`;
  }

  /** Ends the server and its windows; a model that they have started leaves when it is idle. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
  }
}

const FLAGS = [
  ...['--auth', 'none', '--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
  ...['--reconnection-grace-time', '5'], // else each closed page leaves an extension host for hours
];

function userData(home: string): string {
  return path.join(home, 'data');
}

function places(home: string): readonly string[] {
  const at = (name: string): string => path.join(home, name);
  return ['--config', at('config.yaml'), '--user-data-dir', at('data'), '--extensions-dir', at('extensions')];
}

/** No marketplace, and no trace of the program that started us. */
const NEUTRAL: NodeJS.ProcessEnv = {
  EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '' }),
  NODE_OPTIONS: undefined,
  NODE_ENV: undefined,
  VITEST: undefined,
};

async function install(home: string, extension: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (extension.endsWith('.vsix')) {
    const words = [ENTRY, ...places(home), '--install-extension', extension, '--force'];
    await promisify(execFile)(process.execPath, words, { env });
    return;
  }
  const manifest = JSON.parse(await fs.readFile(path.join(extension, 'package.json'), 'utf8')) as Manifest;
  const name = `${manifest.publisher}.${manifest.name}-${manifest.version}`;
  const filter = (file: string): boolean => path.basename(file) !== 'node_modules';
  await fs.cp(extension, path.join(home, 'extensions', name), { recursive: true, filter });
}

interface Manifest {
  readonly publisher: string;
  readonly name: string;
  readonly version: string;
}

/** Keeps what a process prints, and returns the address at which it says that it listens. */
async function listening(process_: ChildProcess, output: string[]): Promise<string> {
  const { stdout, stderr } = process_;
  if (!stdout || !stderr) throw new Error('The process has no output to read.');
  return new Promise((resolve, reject) => {
    const read = (line: string): void => {
      output.push(line);
      const url = LISTENING.exec(line)?.[1];
      if (url) resolve(url);
    };
    createInterface(stdout).on('line', read);
    createInterface(stderr).on('line', read);
    process_.once('error', reject);
    process_.once('exit', () => {
      reject(new Error(`VS Code ended before it listened:\n${output.join('\n')}`));
    });
  });
}
