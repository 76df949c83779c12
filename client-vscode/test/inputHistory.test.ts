import { expect, test } from 'vitest';

import { InputHistory } from '../src/inputHistory';
import { emptyStore } from './store';

test('the latest is first, and each is there once', () => {
  const history = new InputHistory(emptyStore(), 'inglenook.searches');
  ['a', 'b', 'a'].forEach((input) => {
    history.remember(input);
  });
  expect(history.recent).toEqual(['a', 'b']);
});

test('only the latest fifty are kept', () => {
  const history = new InputHistory(emptyStore(), 'inglenook.searches');
  for (let number = 0; number < 60; number += 1) {
    history.remember(`query ${number}`);
  }
  expect(history.recent).toHaveLength(50);
  expect(history.recent[0]).toBe('query 59');
});

test('boxes with keys of their own do not mix', () => {
  const store = emptyStore();
  new InputHistory(store, 'inglenook.searches').remember('a');
  expect(new InputHistory(store, 'inglenook.questions').recent).toEqual([]);
});

test.each([7, 'a', { a: 1 }, [7, null]])('%j in the store is no history', (kept) => {
  const store = emptyStore();
  void store.update('inglenook.searches', kept);
  expect(new InputHistory(store, 'inglenook.searches').recent).toEqual([]);
});
