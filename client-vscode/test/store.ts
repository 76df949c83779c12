import type { Store } from '../src/inputHistory';

/** A store that forgets with the test; what is kept is what JSON makes of it. */
export function emptyStore(): Store {
  const kept = new Map<string, string | undefined>();
  return {
    get: (key): unknown => {
      const text = kept.get(key);
      return text === undefined ? undefined : JSON.parse(text);
    },
    update: (key, value) => {
      kept.set(key, value === undefined ? undefined : JSON.stringify(value));
      return Promise.resolve();
    },
  };
}
