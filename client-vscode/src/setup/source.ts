import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { MODEL_PACKAGES } from './downloads';
import { nothingToInstall } from './failures';

/** What the server is installed from: files that the VSIX carries. */
export interface Source {
  /** The extension's version, which is the server's. */
  readonly version: string;
  /** Every package with its version and hashes, for pip. */
  readonly requirements: string;
  /** Path of the server's own wheel. */
  readonly wheel: string;
  /** Differs where version, requirements or wheel do. */
  readonly id: string;
}

/** Reads what is in `folder`; rejects with a `SetUpFailure` where that is nothing. */
export async function readSource(folder: string, version: string, withModel: boolean): Promise<Source> {
  try {
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) {
      throw nothingToInstall();
    }
    const lock = await readFile(join(folder, 'requirements.lock'), 'utf8');
    const requirements = withModel ? lock : without(MODEL_PACKAGES, lock);
    const hash = createHash('sha256').update(requirements);
    const id = hash
      .update(await readFile(join(folder, wheel)))
      .digest('hex')
      .slice(0, 12);
    return { version, requirements, wheel: join(folder, wheel), id };
  } catch {
    throw nothingToInstall();
  }
}

/** A lock without some packages: each begins with a line `NAME==VERSION` and goes on in indented lines. */
export function without(names: readonly string[], lock: string): string {
  const packages = lock.split(/^(?=\S)/m);
  return packages.filter((text) => !names.includes(/^[\w.-]*/.exec(text)?.[0] ?? '')).join('');
}
