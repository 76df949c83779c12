import { expect, test } from 'vitest';

import { begun } from '../../src/ask/conversation';
import { ConversationMemory } from '../../src/ask/memory';
import { emptyStore } from '../store';
import { place, span, trace } from './samples';

const FIRST = { ...begun(1, { text: 'First?' }), state: 'answered', text: 'One.' } as const;

test('a workspace that was never asked about has an empty conversation', () => {
  expect(new ConversationMemory(emptyStore()).answers).toEqual([]);
});

test.each([7, {}, [7, null, {}], { answers: null }])('%j in the store is no conversation', (kept) => {
  const store = emptyStore();
  void store.update('inglenook.conversation.1', kept);
  expect(new ConversationMemory(store).answers).toEqual([]);
});

test('answers are kept, and the question of one that was still open', () => {
  const memory = new ConversationMemory(emptyStore());
  const open = begun(2, { text: 'Second?' });
  memory.keep([FIRST, open]);
  expect(memory.answers).toEqual([FIRST, { ...open, state: 'stopped', step: {} }]);
});

test('the newest answers are kept where all of them are too much', () => {
  const memory = new ConversationMemory(emptyStore());
  const long = (id: number) => ({ ...FIRST, id, text: 'x'.repeat(100_000) });
  memory.keep([1, 2, 3].map(long));
  expect(memory.answers.map(({ id }) => id)).toEqual([2, 3]);
});

test('of an answer with thousands of rows, or with lines without end, the words and the first rows are kept', () => {
  const memory = new ConversationMemory(emptyStore());
  const rows = Array.from({ length: 2000 }, () => place('shop/core.py:1', 'x'.repeat(1000)));
  const many = { ...FIRST, id: 2, evidence: rows, trace: trace([span('search', 1, { locations: rows })], 1000) };
  memory.keep([FIRST, many]);
  expect(memory.answers).toMatchObject([FIRST, { id: 2, text: 'One.', evidence: { length: 50 } }]);
  expect(JSON.stringify(memory.answers).length).toBeLessThan(50_000);
});

test('nothing is left of a conversation that was ended', () => {
  const memory = new ConversationMemory(emptyStore());
  memory.keep([FIRST]);
  memory.keep([]);
  expect(memory.answers).toEqual([]);
});
