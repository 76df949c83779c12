import { expect, test } from 'vitest';

import { SearchHistory, type Store } from '../src/search/history';

function store(kept: unknown): Store {
  let value = kept;
  return {
    get: () => value,
    update: (_key, next) => {
      value = next;
      return Promise.resolve();
    },
  };
}

test('the latest is first, and each is there once', async () => {
  const history = new SearchHistory(store(undefined));
  for (const input of ['a', 'b', 'a']) {
    await history.remember(input);
  }
  expect(history.recent).toEqual(['a', 'b']);
});

test('only the latest thirty are kept', async () => {
  const history = new SearchHistory(store([]));
  for (let number = 0; number < 40; number += 1) {
    await history.remember(`query ${number}`);
  }
  expect(history.recent).toHaveLength(30);
  expect(history.recent[0]).toBe('query 39');
});

test.each([7, 'a', { a: 1 }, [7, null]])('%j in the store is no history', (kept) => {
  expect(new SearchHistory(store(kept)).recent).toEqual([]);
});
