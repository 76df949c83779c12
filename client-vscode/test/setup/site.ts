import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Environments } from '../../src/setup/environments';
import { install } from '../../src/setup/install';
import type { Machine } from '../../src/setup/machine';
import { readSource } from '../../src/setup/source';
import { type Behaviour, fakePython, scratch } from './fakePython';

export const LINUX: Machine = { platform: 'linux', arch: 'x64', version: 36, distributions: ['debian'] };

const LOCK = 'attrs==1 \\\n    --hash=sha256:00\nmlx==2 ; sys_platform == "linux" \\\n    --hash=sha256:01\n';

/** A machine's folders as set-up finds them: what the VSIX carries, and the extension's storage. */
export class Site {
  readonly storage: string;
  readonly server: string;

  private constructor(readonly folder: string) {
    this.storage = join(folder, 'storage');
    this.server = join(folder, 'server');
  }

  static async make(): Promise<Site> {
    const site = new Site(await scratch());
    await mkdir(site.server);
    await writeFile(join(site.server, 'inglenook-0.1.0-py3-none-any.whl'), 'a wheel');
    await site.carry(LOCK);
    return site;
  }

  /** Has the VSIX carry this lock. */
  async carry(lock: string): Promise<void> {
    await writeFile(join(this.server, 'requirements.lock'), lock);
  }

  environments(version = '0.1.0', withModel = true): Environments {
    return new Environments(this.storage, () => readSource(this.server, version, withModel));
  }

  python(behaviour: Behaviour = {}): Promise<string> {
    return fakePython(this.folder, 'python3', behaviour);
  }

  /** Installs with a Python that behaves so; returns the progress that was told. */
  async install(
    behaviour: Behaviour = {},
    environments = this.environments(),
    signal = new AbortController().signal,
  ): Promise<readonly string[]> {
    const told: string[] = [];
    await install({
      environments,
      toolchain: { python: await this.python(behaviour), version: '3.12.4', uv: undefined, fetched: false },
      machine: LINUX,
      downloadBytes: 100e6,
      report: ({ message = '', percent }) => told.push(percent === undefined ? message : `${message} ${percent} %`),
      log: () => undefined,
      signal,
    });
    return told;
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
