import type { StatsFs } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Progress } from '../server/connection';
import { type Environments, pythonOf, serverAnswers } from './environments';
import { CHOOSE_PYTHON, RETRY, SHOW_LOG, SetUpFailure, diskTooSmall } from './failures';
import { installFailure, venvFailure } from './installerFailures';
import { InstallerLines } from './installerLines';
import type { Machine } from './machine';
import { CLEAN_PYTHON, type Ended, type Program, run } from './processes';
import type { Toolchain } from './python';

/** An environment takes this many times what is downloaded for it. */
const UNPACKED = 4;
/** From this version on pip writes how far a download is. */
const RAW_PROGRESS = [24, 1] as const;

/** What an installation is given. */
export interface Installation {
  readonly environments: Environments;
  readonly toolchain: Toolchain;
  readonly machine: Machine;
  /** Of all packages, as far as is known. */
  readonly downloadBytes: number;
  readonly report: (progress: Progress) => void;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What an environment takes on disk while it is made: the packages and, in the cache, the downloads. */
export function diskNeeded(downloadBytes: number): number {
  return downloadBytes * (UNPACKED + 1);
}

/** Rejects with a `SetUpFailure` where the disk cannot hold what comes. */
export async function checkDisk(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await diskOf(folder);
  if (bavail * bsize < needed) {
    throw diskTooSmall(folder, needed, bavail * bsize);
  }
}

/** The disk that a folder lies on, or would. */
async function diskOf(folder: string): Promise<StatsFs> {
  try {
    return await statfs(folder);
  } catch (error) {
    if (dirname(folder) === folder) {
      throw error;
    }
    return diskOf(dirname(folder));
  }
}

/** Makes this version's environment, whole or not at all; rejects with a `SetUpFailure`, or when it is cancelled. */
export async function install(installation: Installation): Promise<void> {
  const { environments } = installation;
  const folder = await environments.folder();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    await mkdir(environments.root, { recursive: true });
    await makeEnvironment(installation, folder);
    await installPackages(installation, folder);
    await installServer(installation, folder);
    await environments.complete();
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    throw error;
  }
}

async function makeEnvironment(installation: Installation, folder: string): Promise<void> {
  const { python, version, uv, fetched } = installation.toolchain;
  installation.report({ message: fetched ? `Downloading Python ${version}` : 'Making an environment', percent: 0 });
  const program =
    uv === undefined
      ? { command: python, args: ['-I', '-m', 'venv', folder] }
      : { command: uv, args: ['venv', '--no-project', '--python', python, folder] };
  const ended = await watched(installation, program);
  if (ended.code !== 0) {
    throw venvFailure(installation.machine, python, version, ended);
  }
}

async function installPackages(installation: Installation, folder: string): Promise<void> {
  const requirements = join(folder, 'requirements.lock');
  await writeFile(requirements, (await installation.environments.source()).requirements);
  installation.report({ message: 'Asking for packages' });
  // Complete, so that nothing is resolved; wheels only, so that nothing of a package runs while it is installed.
  const args = ['--require-hashes', '--no-deps', '--only-binary=:all:', '-r', requirements];
  const lines = new InstallerLines(installation.downloadBytes);
  await installWith(installation, folder, args, (line) => {
    const progress = lines.take(line);
    if (progress !== undefined) {
      installation.report(progress);
    }
  });
}

async function installServer(installation: Installation, folder: string): Promise<void> {
  const { report, signal, machine } = installation;
  report({ message: 'Installing the language server', percent: 95 });
  await installWith(installation, folder, [
    '--no-deps',
    '--no-index',
    (await installation.environments.source()).wheel,
  ]);
  report({ message: 'Trying it', percent: 98 });
  if (!(await serverAnswers(folder, signal))) {
    throw new SetUpFailure(
      `The language server was installed, but does not run on this machine (${machine.platform}, ${machine.arch}).`,
      'The log says more.',
      [CHOOSE_PYTHON, RETRY, SHOW_LOG],
    );
  }
}

async function installWith(
  installation: Installation,
  folder: string,
  args: readonly string[],
  onLine?: (line: string) => void,
): Promise<void> {
  const python = pythonOf(folder);
  const { uv } = installation.toolchain;
  const program =
    uv === undefined
      ? { command: python, args: [...(await pip(python, installation.signal)), ...args] }
      : { command: uv, args: ['pip', 'install', '--python', python, ...args] };
  const ended = await watched(installation, program, onLine);
  if (ended.code !== 0) {
    throw installFailure(installation.machine, ended);
  }
}

/** How this environment's pip is told to install. */
async function pip(python: string, signal: AbortSignal): Promise<readonly string[]> {
  const common = ['-I', '-m', 'pip', '--disable-pip-version-check', '--no-input'];
  const { stdout } = await run({ command: python, args: [...common, '--version'], env: CLEAN_PYTHON }, { signal });
  const [major = 0, minor = 0] =
    /^pip (\d+)\.(\d+)/
      .exec(stdout[0] ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  const tells = major > RAW_PROGRESS[0] || (major === RAW_PROGRESS[0] && minor >= RAW_PROGRESS[1]);
  const progress = tells ? 'raw' : 'off';
  // Thousands of modules are never imported; those that are, Python compiles then.
  return [...common, 'install', '--no-user', '--no-compile', '--no-warn-script-location', '--progress-bar', progress];
}

/** Runs a program with every line in the log, but for those that only count bytes. */
function watched(installation: Installation, program: Program, onLine?: (line: string) => void): Promise<Ended> {
  const { log, signal } = installation;
  log(`$ ${[program.command, ...program.args].join(' ')}`);
  return run(
    { ...program, env: CLEAN_PYTHON },
    {
      signal,
      onLine: (line) => {
        if (!line.startsWith('Progress ')) {
          log(line);
        }
        onLine?.(line);
      },
    },
  );
}
