import fs from 'node:fs/promises';

import { FAILED } from './artefacts.ts';

/** Clears away what the failed tests of an earlier run have left. */
export async function setup(): Promise<void> {
  await fs.rm(FAILED, { recursive: true, force: true });
}
