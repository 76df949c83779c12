import { readFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';

import { type Download, WITHOUT_MODEL, WITH_MODEL } from './downloads';

/** What set-up asks about the machine that the extension runs on: with a remote window, the remote one. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** The minor version of glibc 2, the version of macOS, 0 on Windows; undefined where there is none (musl). */
  readonly version: number | undefined;
  /** Linux: the names of the distribution and of those that it is like. */
  readonly distributions: readonly string[];
}

/** What can be had on a machine. */
export type Support =
  | { readonly kind: 'model'; readonly download: Download }
  /** Search and hover, and answers by an endpoint; `reason` says why there is no model. */
  | { readonly kind: 'serverOnly'; readonly download: Download; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Says what this machine is, without starting anything. */
export async function thisMachine(): Promise<Machine> {
  const { platform } = process;
  return {
    platform,
    arch: platform === 'darwin' && cpus()[0]?.model.startsWith('Apple') === true ? 'arm64' : process.arch,
    version: systemVersion(platform),
    distributions: platform === 'linux' ? await distributions() : [],
  };
}

/** Says what can be had on a machine, by the wheels of the lock. */
export function supportOf({ platform, arch, version }: Machine): Support {
  const key = `${platform}-${arch}`;
  const [full, server] = [WITH_MODEL[key], WITHOUT_MODEL[key]];
  if (version !== undefined && full !== undefined && version >= full.oldest) {
    return { kind: 'model', download: full };
  }
  const reason = `No model can run on this machine: ${why(platform, arch, version, full)}.`;
  return version !== undefined && server !== undefined && version >= server.oldest
    ? { kind: 'serverOnly', download: server, reason }
    : { kind: 'none', reason: `Inglenook cannot run on this machine: ${why(platform, arch, version, server)}.` };
}

/** What is missing, to stand after “cannot run on this machine”. */
function why(platform: string, arch: string, version: number | undefined, wanted: Download | undefined): string {
  if (platform === 'win32') {
    return 'the language server needs the sockets and locks of Unix. It runs in WSL: open the folder there';
  }
  if (platform === 'darwin') {
    return wanted === undefined
      ? 'MLX, which computes it, needs a Mac with Apple silicon'
      : `it needs macOS ${wanted.oldest} or newer, and this is macOS ${version ?? 'of an unknown version'}`;
  }
  if (wanted === undefined) {
    return `its packages are not made for ${platform} on ${arch}`;
  }
  return version === undefined
    ? 'its packages need glibc, and this system has another C library (musl)'
    : `its packages need glibc 2.${wanted.oldest} or newer, and this system has 2.${version}`;
}

function systemVersion(platform: NodeJS.Platform): number | undefined {
  if (platform === 'win32') {
    return 0;
  }
  return platform === 'darwin' ? macosVersion(release()) : glibcMinor();
}

/** The version of macOS by that of its kernel: 11 to 15 came with 20 to 24, and 26 with 25. */
export function macosVersion(kernel: string): number {
  const major = Number.parseInt(kernel, 10);
  return major >= 25 ? major + 1 : major - 9;
}

function glibcMinor(): number | undefined {
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  const before = report.excludeNetwork ?? false;
  report.excludeNetwork = true; // else the name of every peer is looked up, which may take seconds
  const { header } = report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  report.excludeNetwork = before;
  const minor = header.glibcVersionRuntime?.split('.')[1];
  return minor === undefined ? undefined : Number(minor);
}

async function distributions(): Promise<readonly string[]> {
  try {
    const text = await readFile('/etc/os-release', 'utf8');
    return [...text.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, names]) => names?.split(' ') ?? []);
  } catch {
    return [];
  }
}
