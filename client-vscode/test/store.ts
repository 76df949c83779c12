import type { Store } from '../src/inputHistory';

/** A store that forgets with the test. */
export function emptyStore(): Store {
  const kept = new Map<string, unknown>();
  return {
    get: (key) => kept.get(key),
    update: (key, value) => {
      kept.set(key, value);
      return Promise.resolve();
    },
  };
}
