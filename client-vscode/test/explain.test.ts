import { expect, test } from 'vitest';

import { readArgument } from '../src/explain/argument';
import { ExplanationText } from '../src/explain/words';
import type { Citation, Trace } from '../src/protocol';

const TRACE: Trace = {
  id: 'explain-1',
  model: 'm',
  startedAt: '',
  totalMs: 1,
  spans: [],
  timing: {
    promptTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    ttftMs: 0,
    prefillTokensPerSecond: 0,
    decodeTokensPerSecond: 0,
    peakMemoryBytes: 0,
  },
};

function citation(line: number, verified: boolean): Citation {
  const range = { start: { line: line - 1, character: 0 }, end: { line: line - 1, character: 9 } };
  return { uri: 'file:///shop/core.py', path: 'shop/core.py', range, text: '', verified };
}

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

test('an explanation grows, and takes back what was withdrawn', () => {
  const text = new ExplanationText('Basket');
  expect(text.isEmpty).toBe(true);
  text.take({ kind: 'text', delta: 'I shall look.' });
  text.take({ kind: 'reset' });
  text.take({ kind: 'text', delta: 'What a customer ' });
  text.take({ kind: 'text', delta: 'wants.' });
  expect(text.markdown).toBe('# Basket\n\nWhat a customer wants.\n');
});

test('a whole explanation lists the places that were checked, each once', () => {
  const text = new ExplanationText('Basket');
  const citations = [citation(44, true), citation(44, true), citation(50, false)];
  text.finish({ markdown: 'Words.', cached: true, citations, trace: TRACE });
  expect(text.markdown).toBe('# Basket\n\nWords.\n\n- `shop/core.py:44`\n');
});
