/** Ends what began with it. */
export interface Subscription {
  dispose(): unknown;
}

/** Lets a listener hear of something until its subscription is disposed of. Every `Event` of VS Code is one. */
export type Signal<T> = (listener: (value: T) => unknown) => Subscription;

/**
 * Like VS Code's own EventEmitter, for code that is tested without VS Code: what one listener throws keeps neither the
 * others from hearing nor the one who fires from going on.
 */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => unknown>();

  readonly event: Signal<T> = (listener) => {
    const own = (value: T): unknown => listener(value);
    this.#listeners.add(own);
    return { dispose: () => this.#listeners.delete(own) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error; // nobody here could answer it; the extension host logs it
        });
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
