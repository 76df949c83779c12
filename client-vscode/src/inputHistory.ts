/** What keeps a value across restarts; VS Code's `Memento` is one. */
export interface Store {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const MOST = 50;

/** What was typed into a box in this workspace. */
export class InputHistory {
  constructor(
    private readonly store: Store,
    private readonly key: `inglenook.${string}`,
  ) {}

  /** The latest first, each once. */
  get recent(): readonly string[] {
    const kept = this.store.get(this.key);
    return Array.isArray(kept) ? kept.filter((input) => typeof input === 'string') : [];
  }

  /** Puts what was typed in front. */
  remember(input: string): void {
    const others = this.recent.filter((other) => other !== input);
    void this.store.update(this.key, [input, ...others].slice(0, MOST));
  }
}
