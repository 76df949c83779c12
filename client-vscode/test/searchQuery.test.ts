import { expect, test } from 'vitest';

import { PLACEHOLDER, inputFor, readArgument, readInput, switchKind, toInput } from '../src/search/query';

test.each([
  ['Basket', { query: 'Basket', kind: 'auto' }],
  ['  where is it closed?  ', { query: 'where is it closed?', kind: 'auto' }],
  ['calls:close', { query: 'calls:close', kind: 'auto' }],
  ['@Basket', { query: 'Basket', kind: 'symbol' }],
  ['@ Basket', { query: 'Basket', kind: 'symbol' }],
  ['@kind:class Basket', { query: 'kind:class Basket', kind: 'symbol' }],
  ['/raise \\w+', { query: 'raise \\w+', kind: 'regex' }],
  ['/raise \\w+/', { query: 'raise \\w+', kind: 'regex' }],
  ['/a\\/', { query: 'a\\/', kind: 'regex' }],
  ['" close()"', { query: ' close()', kind: 'exact' }],
  ['"say', { query: 'say', kind: 'exact' }],
  [' @property', { query: '@property', kind: 'auto' }],
])('%s asks for a kind and a text', (input, query) => {
  expect(readInput(input)).toEqual(query);
});

test.each(['', '   ', '@', '/', '"', '" ', '@  '])('"%s" asks for nothing yet', (input) => {
  expect(readInput(input)).toBeUndefined();
});

test.each(['Basket', ' @property', '@Basket', '/a|b', '"a b'])('%s is what a person would have typed', (input) => {
  const query = readInput(input);
  expect(query && toInput(query)).toBe(input);
});

test('switching the kind keeps the text, and twice is back', () => {
  expect(switchKind('close', 'regex')).toBe('/close');
  expect(switchKind('/close', 'exact')).toBe('"close');
  expect(switchKind('"close', 'exact')).toBe('close');
  expect(switchKind('', 'symbol')).toBe('@');
});

test.each([
  ['Basket.add', 'Basket.add'],
  [' größe ', 'größe'],
  ['x = Basket("a")', '"x = Basket("a")'],
  ['@property', '"@property'],
  ['two\nlines', ''],
  ['x'.repeat(300), ''],
  ['', ''],
])('the selection %j begins a search', (selected, input) => {
  expect(inputFor(selected)).toBe(input);
});

test('the argument of the command is a query, or what a code lens gives', () => {
  expect(readArgument('@Basket')).toBe('@Basket');
  expect(readArgument({ query: 'close', kind: 'exact' })).toBe('"close');
  expect(readArgument({ query: 'close', kind: 'words' })).toBe('close');
  expect(readArgument({ query: '@close' })).toBe(' @close');
});

test.each([undefined, null, 7, {}, { query: 7 }, []])('%j is no argument', (argument) => {
  expect(readArgument(argument)).toBeUndefined();
});

test('the placeholder names every prefix', () => {
  expect(PLACEHOLDER).toMatch(/@.*\/.*"/);
});
