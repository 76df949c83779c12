import { expect, test } from 'vitest';

import { SHOWN_WHOLE } from '../../src/ask/conversation';
import { EMPTY, type State, isBusy, told, toggled, unfolding } from '../../src/webview/state';
import { answer } from '../ask/samples';

function withAnswers(count: number): State {
  return Array.from({ length: count }, (_, at) => answer({ id: at + 1, text: 'Yes.' })).reduce<State>(
    (state, one) => told(state, { type: 'answer', answer: one }),
    EMPTY,
  );
}

test('the page follows the parts of a running answer', () => {
  let state = told(EMPTY, { type: 'answer', answer: answer({ state: 'running' }) });
  expect(isBusy(state)).toBe(true);
  state = told(state, { type: 'step', id: 1, step: { message: 'Reading' } });
  state = told(state, { type: 'part', id: 1, part: { kind: 'text', delta: 'Yes' } });
  expect(state.answers).toMatchObject([{ text: 'Yes', step: {} }]);
  state = told(state, { type: 'answer', answer: answer({ text: 'Yes.' }) });
  expect(isBusy(state)).toBe(false);
});

test('the page of a hundred answers holds the words of a few', () => {
  const { answers } = withAnswers(100);
  expect(answers).toHaveLength(100);
  expect(answers.filter(({ state }) => state === 'folded')).toHaveLength(100 - SHOWN_WHOLE);
});

test('an old answer that is opened stays open', () => {
  let state = unfolding(withAnswers(20), 2);
  state = told(state, { type: 'answer', answer: answer({ id: 2, text: 'Yes.' }) });
  state = told(state, { type: 'answer', answer: answer({ id: 21 }) });
  expect(state.answers.slice(0, 3).map((one) => one.state)).toEqual(['folded', 'answered', 'folded']);
});

test('a new question is the newest of the history', () => {
  const state = told(
    { ...EMPTY, history: ['Which protocols are there?', 'Other?'] },
    { type: 'answer', answer: answer({ state: 'waiting' }) },
  );
  expect(state.history).toEqual(['Other?', 'Which protocols are there?']);
});

test('Show Trace opens that of the last answer', () => {
  expect([...told(withAnswers(3), { type: 'trace' }).traces]).toEqual([3]);
  expect([...toggled(new Set([3]), 3)]).toEqual([]);
});
