import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

import { Environments, pythonOf } from '../../src/setup/environments';
import { install } from '../../src/setup/install';
import { supportOf, thisMachine } from '../../src/setup/machine';
import { findToolchain, searchPath } from '../../src/setup/python';
import { readSource } from '../../src/setup/source';

// Downloads 0.1 GB, so only where it is asked for, after `make vsix`: INGLENOOK_REAL_SETUP=1 npx vitest run test/setup/real.test.ts
const wanted = process.env['INGLENOOK_REAL_SETUP'] !== undefined;
const SERVER = join(import.meta.dirname, '..', '..', 'server');
const MINUTES = 60_000;

test.runIf(wanted).each([true, false])(
  'the real packages are installed, and the server runs (with what a model takes: %s)',
  async (withModel) => {
    const root = await mkdtemp(join(process.env['INGLENOOK_REAL_SETUP_FOLDER'] ?? tmpdir(), 'nook-set-up-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const machine = await thisMachine();
    const environments = new Environments(root, () => readSource(SERVER, '0.1.0', withModel));
    const path = searchPath();
    const toolchain = await findToolchain({ machine, setting: '', chosen: () => Promise.resolve(undefined), path });
    const support = supportOf(machine);
    const percents: number[] = [];
    const began = performance.now();
    await install({
      environments,
      toolchain,
      machine,
      downloadBytes: support.kind === 'none' ? 0 : support.download.bytes,
      report: ({ percent }) => percents.push(percent ?? 0),
      log: () => undefined,
      signal: new AbortController().signal,
    });
    const seconds = (performance.now() - began) / 1000;
    const folder = await environments.folder();
    const { stdout } = await promisify(execFile)(pythonOf(folder), ['-m', 'lsp_server', '--version']);
    expect(stdout).toMatch(/^inglenook \d/);
    expect(await environments.state()).toBe('whole');
    expect(Math.max(...percents)).toBe(98);
    console.log(`${seconds.toFixed(1)} s, ${((await size(folder)) / 1e6).toFixed(0)} MB on disk, ${toolchain.python}`);
  },
  15 * MINUTES,
);

async function size(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile())
    .map(async (file) => (await stat(join(file.parentPath, file.name))).size);
  return (await Promise.all(sizes)).reduce((sum, one) => sum + one, 0);
}
