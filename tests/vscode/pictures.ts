import fs from 'node:fs/promises';
import path from 'node:path';

import { ARTEFACTS, ROOT } from './scratch.ts';

/** The pictures of the README, by the screenshots that they are. */
const PICTURES = {
  'first-run': 'first-run-consent',
  ask: 'ask-citation',
  trace: 'trace',
  search: 'search-preview',
  hover: 'hover-explained',
} as const;

for (const [picture, screenshot] of Object.entries(PICTURES)) {
  await fs.copyFile(path.join(ARTEFACTS, `${screenshot}.png`), path.join(ROOT, 'docs/pictures', `${picture}.png`));
}
