import { expect, test } from 'vitest';

import { begun } from '../../src/ask/conversation';
import { ConversationMemory } from '../../src/ask/memory';
import { emptyStore } from '../store';

const FIRST = { ...begun(1, { text: 'First?' }), state: 'answered', text: 'One.' } as const;

test('a workspace that was never asked about has an empty conversation', () => {
  expect(new ConversationMemory(emptyStore()).conversation).toEqual({ answers: [] });
});

test('answers are kept, and the question of one that was still open', () => {
  const memory = new ConversationMemory(emptyStore());
  const open = begun(2, { text: 'Second?' });
  memory.keep({ answers: [FIRST, open], conversationId: 'c' });
  expect(memory.conversation).toEqual({
    answers: [FIRST, { ...open, state: 'stopped', step: {} }],
    conversationId: 'c',
  });
});

test('the newest answers are kept where all of them are too much', () => {
  const memory = new ConversationMemory(emptyStore());
  const long = (id: number) => ({ ...FIRST, id, text: 'x'.repeat(100_000) });
  memory.keep({ answers: [1, 2, 3].map(long) });
  expect(memory.conversation.answers.map(({ id }) => id)).toEqual([2, 3]);
});

test('nothing is left of a conversation that was ended', () => {
  const memory = new ConversationMemory(emptyStore());
  memory.keep({ answers: [FIRST], conversationId: 'c' });
  memory.keep({ answers: [], conversationId: 'c' });
  expect(memory.conversation).toEqual({ answers: [] });
});
