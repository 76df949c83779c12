const KEY = 'inglenook.searches';
const KEPT = 30;

/** Where the history is kept; VS Code's `Memento` is one. */
export interface Store {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** What was searched for in this workspace, the latest first, as it was typed. */
export class SearchHistory {
  constructor(private readonly store: Store) {}

  get recent(): readonly string[] {
    const kept = this.store.get(KEY);
    return Array.isArray(kept) ? kept.filter((input): input is string => typeof input === 'string') : [];
  }

  /** Puts what was typed in front, once. */
  async remember(input: string): Promise<void> {
    const others = this.recent.filter((other) => other !== input);
    await this.store.update(KEY, [input, ...others].slice(0, KEPT));
  }
}
