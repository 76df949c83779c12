import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';

import type { LogOutputChannel } from 'vscode';

type Level = 'error' | 'warn' | 'info';

/** How the server begins the lines of its own log; everything else is a traceback or a library's word. */
const BEGINNINGS: readonly (readonly [string, Level])[] = [
  ['CRITICAL ', 'error'],
  ['ERROR ', 'error'],
  ['WARNING ', 'warn'],
  ['INFO ', 'info'],
];

/** Copies the server's stderr to the log, line by line. A traceback bears the level of the line that it follows. */
export function pipeToLog(stderr: Readable, log: LogOutputChannel): void {
  let level: Level = 'info';
  createInterface({ input: stderr, crlfDelay: Infinity }).on('line', (line) => {
    level = levelOf(line) ?? level;
    log[level](line);
  });
}

/** The level that a line bears by itself. */
export function levelOf(line: string): Level | undefined {
  return BEGINNINGS.find(([beginning]) => line.startsWith(beginning))?.[1];
}
