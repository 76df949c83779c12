/** Ends what began with it. */
export interface Subscription {
  dispose(): unknown;
}

/** Lets a listener hear of something until its subscription is disposed of. Every `Event` of VS Code is one. */
export type Signal<T> = (listener: (value: T) => unknown) => Subscription;

/** Like VS Code's own EventEmitter, for code that is tested without VS Code. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => unknown>();

  readonly event: Signal<T> = (listener) => {
    const own = (value: T): unknown => listener(value);
    this.#listeners.add(own);
    return { dispose: () => this.#listeners.delete(own) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      listener(value);
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
