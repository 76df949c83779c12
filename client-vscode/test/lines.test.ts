import { expect, test } from 'vitest';

import { linesOf } from '../src/lines';

test.each([
  [2, 4, 4, 7, '3-5'],
  [2, 0, 5, 0, '3-5'],
  [2, 0, 3, 0, '3'],
  [2, 4, 2, 9, '3'],
  [2, 0, 2, 0, '3'],
])(
  'from %i:%i to %i:%i are the lines that hold a character of it',
  (line, character, lastLine, lastCharacter, lines) => {
    const range = { start: { line, character }, end: { line: lastLine, character: lastCharacter } };
    expect(linesOf(range)).toBe(lines);
  },
);
