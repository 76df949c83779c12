import fs from 'node:fs';
import path from 'node:path';

import { ROOT } from './scratch.ts';

/** The extension to run: what the variable EXTENSION names, the newest .vsix, or the folder that was built. */
export function extension(): string {
  const client = path.join(ROOT, 'client-vscode');
  const packed = fs.globSync('*.vsix', { cwd: client }).map((name) => path.join(client, name));
  const newest = packed.toSorted((one, other) => fs.statSync(other).mtimeMs - fs.statSync(one).mtimeMs)[0];
  return process.env['EXTENSION'] ?? newest ?? client;
}
