import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

import { PYTHONS } from './downloads';
import { noPython, noVenv, settingUnusable } from './failures';
import type { Machine } from './machine';
import { CLEAN_PYTHON, run } from './processes';

/** A Python answers in a few milliseconds; one that does not is a stub that asks to be installed. */
const PROBE_MS = 10_000;

/** The version that uv brings where there is no Python at all. */
const FETCHED = '3.13';

/** What the environment is made with. */
export interface Toolchain {
  /** The path of a Python, or the version that uv shall fetch. */
  readonly python: string;
  readonly version: string;
  /** The path of uv, where it does what this Python cannot do itself. */
  readonly uv: string | undefined;
  /** Whether uv would download the Python. */
  readonly fetched: boolean;
}

/** Where to look. */
export interface Places {
  readonly machine: Machine;
  /** What the setting says; empty for nothing. */
  readonly setting: string;
  /** What the Python extension has chosen, where it is there and may be asked. */
  readonly chosen: () => Promise<string | undefined>;
  /** Folders to look for programs in. */
  readonly path: readonly string[];
}

/** What a Python says of itself. */
interface Probe {
  readonly version: readonly [number, number, number];
  /** Of an environment, the Python below it. */
  readonly executable: string;
  readonly implementation: string;
  readonly machine: string;
  readonly bits: number;
  readonly freeThreaded: boolean;
  readonly venv: boolean;
}

const PROBE = `
import importlib.util, json, platform, struct, sys, sysconfig
has = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "executable": getattr(sys, "_base_executable", None) or sys.executable,
    "implementation": sys.implementation.name,
    "machine": platform.machine(),
    "bits": struct.calcsize("P") * 8,
    "freeThreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "venv": has("venv") and has("ensurepip"),
}))
`;

/** Finds a Python that packages are made for; rejects with a `SetUpFailure` that says what was found instead. */
export async function findToolchain(places: Places, signal?: AbortSignal): Promise<Toolchain> {
  const { machine, setting, path } = places;
  const uv = await findProgram('uv', path);
  const refusals = new Map<string, string>();
  let withoutVenv: Toolchain | undefined;
  for await (const candidate of candidates(places, uv, signal)) {
    const found = await probe(candidate, signal);
    const refusal = found === undefined ? 'it does not run' : refusalOf(found, machine);
    if (found === undefined || refusal !== undefined) {
      if (setting !== '') {
        throw settingUnusable(setting, refusal ?? 'it does not run');
      }
      if (found !== undefined) {
        refusals.set(found.executable, `${found.executable}: ${found.version.join('.')} (${String(refusal)})`);
      }
      continue;
    }
    const toolchain = { python: found.executable, version: found.version.join('.'), uv: undefined, fetched: false };
    if (found.venv) {
      return toolchain;
    }
    withoutVenv ??= toolchain;
  }
  if (uv !== undefined) {
    return withoutVenv === undefined
      ? { python: FETCHED, version: FETCHED, uv, fetched: true }
      : { ...withoutVenv, uv };
  }
  throw withoutVenv === undefined
    ? noPython(machine, [...refusals.values()])
    : noVenv(machine, withoutVenv.python, withoutVenv.version);
}

/** The folders to look for programs in: those of PATH, and those that a desktop's PATH may lack. */
export function searchPath(): readonly string[] {
  const named = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const usual = [join(homedir(), '.local', 'bin'), join(homedir(), '.cargo', 'bin')];
  const macs = process.platform === 'darwin' ? ['/opt/homebrew/bin', '/usr/local/bin'] : [];
  return [...new Set([...named, ...usual, ...macs])];
}

/** A way to ask a Python something. */
interface Candidate {
  readonly command: string;
  readonly args: readonly string[];
}

/** Where the setting names a Python, only that. */
async function* candidates(
  { machine, setting, chosen, path }: Places,
  uv: string | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Candidate> {
  if (setting !== '') {
    yield { command: setting, args: [] };
    return;
  }
  const preferred = await chosen();
  if (preferred !== undefined) {
    yield { command: preferred, args: [] };
  }
  for (const name of names()) {
    const command = await findProgram(name, path, machine);
    if (command !== undefined) {
      yield { command, args: [] };
    }
  }
  const launcher = machine.platform === 'win32' ? await findProgram('py', path) : undefined;
  if (launcher !== undefined) {
    for (const version of versions()) {
      yield { command: launcher, args: [`-${version}`] };
    }
  }
  if (uv !== undefined) {
    const request = `>=${PYTHONS.oldest.join('.')},<${PYTHONS.newest[0]}.${PYTHONS.newest[1] + 1}`;
    const { code, stdout } = await run(
      { command: uv, args: ['python', 'find', '--no-project', request] },
      { timeoutMs: PROBE_MS, ...(signal === undefined ? {} : { signal }) },
    );
    const command = stdout.at(-1);
    if (code === 0 && command !== undefined) {
      yield { command, args: [] };
    }
  }
}

/** The newest first. */
function versions(): readonly string[] {
  const [major, oldest] = PYTHONS.oldest;
  const count = PYTHONS.newest[1] - oldest + 1;
  return Array.from({ length: count }, (_, index) => `${major}.${PYTHONS.newest[1] - index}`);
}

function names(): readonly string[] {
  return [...versions().map((version) => `python${version}`), 'python3', 'python'];
}

async function findProgram(name: string, path: readonly string[], machine?: Machine): Promise<string | undefined> {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  for (const folder of path) {
    const candidate = join(folder, file);
    // Apple's own asks to install developer tools when it is run, and is too old when they are there.
    const stub = machine?.platform === 'darwin' && folder === '/usr/bin';
    if (!stub && (await isExecutable(candidate))) {
      return candidate;
    }
  }
  return undefined;
}

/** Whether a file is there and may be run. */
export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function probe({ command, args }: Candidate, signal?: AbortSignal): Promise<Probe | undefined> {
  const { code, stdout } = await run(
    { command, args: [...args, '-I', '-c', PROBE], env: CLEAN_PYTHON },
    { timeoutMs: PROBE_MS, ...(signal === undefined ? {} : { signal }) },
  );
  try {
    return code === 0 ? (JSON.parse(stdout.at(-1) ?? '') as Probe) : undefined;
  } catch {
    return undefined;
  }
}

const MACHINES: Readonly<Record<string, readonly string[]>> = {
  x64: ['x86_64', 'AMD64'],
  arm64: ['arm64', 'aarch64'],
};

/** Why a Python will not do; undefined when it will. */
function refusalOf({ version: [major, minor], ...found }: Probe, machine: Machine): string | undefined {
  const at = major * 100 + minor;
  if (at < PYTHONS.oldest[0] * 100 + PYTHONS.oldest[1]) {
    return 'too old';
  }
  if (at > PYTHONS.newest[0] * 100 + PYTHONS.newest[1]) {
    return 'packages are not made for it yet';
  }
  if (found.implementation !== 'cpython') {
    return `${found.implementation}, and packages are made for CPython`;
  }
  if (found.freeThreaded) {
    return 'free-threaded, and packages are not made for that';
  }
  const wanted = machine.platform === 'win32' ? 'x64' : machine.arch;
  return found.bits === 64 && (MACHINES[wanted]?.includes(found.machine) ?? true)
    ? undefined
    : `made for ${found.bits === 64 ? found.machine : '32 bits'}`;
}
