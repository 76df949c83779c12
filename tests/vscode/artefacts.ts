import fs from 'node:fs/promises';
import path from 'node:path';

import type { Host } from './host.ts';
import type { Window } from './page.ts';
import { ARTEFACTS } from './scratch.ts';

/** Where the remains of failed tests lie, a folder for each window. */
export const FAILED = path.join(ARTEFACTS, 'failed');

/** Keeps what a window looks like as `artefacts/NAME.png`, for a person to look at. */
export async function screenshot(window: Window, name: string): Promise<void> {
  await fs.mkdir(ARTEFACTS, { recursive: true });
  await window.page.screenshot({ path: path.join(ARTEFACTS, `${name}.png`), caret: 'initial' });
}

/**
 * Keeps what is needed to find out why a test failed: picture, page, and every log, in a folder that bears its name.
 *
 * What lay over the editor is printed too: of a machine that is gone, the output of the tests is all that is left.
 */
export async function keepRemains(host: Host, window: Window, test: string): Promise<void> {
  const folder = path.join(FAILED, test.replace(/\W+/g, '-').slice(0, 80));
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(folder, { recursive: true });
  await window.page.screenshot({ path: path.join(folder, 'window.png') });
  console.error(`${test}: ${JSON.stringify(await window.overlays())}`);
  for (const [number, frame] of window.page.frames().entries()) {
    await fs.writeFile(path.join(folder, `page-${number}.html`), await frame.content());
  }
  await fs.writeFile(path.join(folder, 'server.log'), host.output);
  await fs.cp(host.logs, path.join(folder, 'logs'), { recursive: true });
}
