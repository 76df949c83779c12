import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

/** How a Python that is none behaves. It does what set-up asks of one: to say what it is, venv, pip, the server. */
export interface Behaviour {
  readonly version?: readonly [number, number, number];
  readonly venv?: boolean;
  readonly implementation?: string;
  readonly freeThreaded?: boolean;
  readonly bits?: number;
  readonly machine?: string;
  /** What `-m venv` writes, and fails with. */
  readonly venvFails?: readonly string[];
  /** What `-m pip install` writes; it fails where `pipFails` is set. */
  readonly pipLines?: readonly string[];
  readonly pipFails?: boolean;
  /** pip never ends, nor does its child; the ids of both are in this file. */
  readonly pipHangs?: string;
  readonly pipVersion?: string;
  /** What the server in the environment fails with. */
  readonly serverFails?: readonly string[];
  /** The arguments of every call are appended here. */
  readonly calls?: string;
}

/** A shell script, since that starts in no time. */
function source(behaviour: Behaviour): string {
  const { version = [3, 12, 4], machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64' } = behaviour;
  const { implementation = 'cpython', bits = 64, freeThreaded = false, venv = true } = behaviour;
  const said = JSON.stringify({ version, implementation, machine, bits, freeThreaded, venv }).slice(1);
  return `#!/bin/sh
${behaviour.calls === undefined ? '' : `echo "$*" >>'${behaviour.calls}'`}
[ "$1" = -I ] && shift
case "$1 $2 $*" in
  -c*) printf '%s\\n' '{"executable":"'"$0"'",${said}' ;;
  '-m venv '*) mkdir -p "$3/bin" && ${failure(behaviour.venvFails)} && cp "$0" "$3/bin/python" ;;
  '-m pip '*--version) echo 'pip ${behaviour.pipVersion ?? '25.0'} from somewhere' ;;
  '-m pip '*) ${saying(behaviour.pipLines)}; ${hanging(behaviour.pipHangs)}; ${behaviour.pipFails === true ? 'exit 1' : 'exit 0'} ;;
  '-m lsp_server '*--version) ${failure(behaviour.serverFails)} && echo 'inglenook 0.1.0' ;;
  *) exit 2 ;;
esac
`;
}

function saying(lines: readonly string[] = []): string {
  return [':', ...lines.map((line) => `echo '${line.replaceAll("'", `'\\''`)}'`)].join('; ');
}

function failure(lines: readonly string[] | undefined): string {
  return lines === undefined ? ':' : `{ ${saying(lines)}; exit 1; }`;
}

/** Never ends, with a child that does not either. */
function hanging(file: string | undefined): string {
  return file === undefined ? ':' : `sleep 1000 & echo "$$ $!" >'${file}.new'; mv '${file}.new' '${file}'; wait`;
}

/** A new folder, until the test ends. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nook-set-up-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a Python that behaves so; returns its path. */
export async function fakePython(folder: string, name: string, behaviour: Behaviour = {}): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, source(behaviour));
  await chmod(path, 0o755);
  return path;
}

/** Writes a program of shell lines; returns its path. */
export async function script(folder: string, name: string, lines: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(path, 0o755);
  return path;
}
