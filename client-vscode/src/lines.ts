import type { Range } from './protocol';

/** The lines of a range for a person, from 1: `12` or `12-14`. One that ends before the first character ends a line above. */
export function linesOf({ start, end }: Range): string {
  const [first, last] = [start.line + 1, end.line + (end.character === 0 ? 0 : 1)];
  return last <= first ? `${first}` : `${first}-${last}`;
}
