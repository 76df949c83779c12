import { expect, test } from 'vitest';

import { readArgument } from '../src/explain/argument';

test('the argument of a hover is the name at a position', () => {
  const argument = { textDocument: { uri: 'file:///a.py' }, position: { line: 3, character: 7 } };
  expect(readArgument(argument)).toEqual(argument);
});

test('the argument of a code action may be a selection', () => {
  const range = { start: { line: 3, character: 0 }, end: { line: 5, character: 2 } };
  const argument = { textDocument: { uri: 'file:///a.py' }, position: range.start, range };
  expect(readArgument(argument)).toEqual(argument);
});

test.each([
  undefined,
  'Basket',
  {},
  { textDocument: {}, position: { line: 0, character: 0 } },
  { textDocument: { uri: 'file:///a.py' } },
  { textDocument: { uri: 'file:///a.py' }, position: { line: -1, character: 0 } },
  { textDocument: { uri: 'file:///a.py' }, position: { line: 1.5, character: 0 } },
])('%j is no place', (argument) => {
  expect(readArgument(argument)).toBeUndefined();
});
