import { Emitter, type Signal, type Subscription } from '../emitter';
import type { ServerControl, StatusFeed } from '../parts';
import type { StatusParams } from '../protocol';

/** Keeps what the server said last, for as long as that server runs. */
export class LastStatus implements StatusFeed {
  readonly #changed = new Emitter<StatusParams | undefined>();
  #current: StatusParams | undefined;

  get current(): StatusParams | undefined {
    return this.#current;
  }

  get onDidChange(): Signal<StatusParams | undefined> {
    return this.#changed.event;
  }

  /** Takes what the server says. */
  take(status: StatusParams | undefined): void {
    this.#current = status;
    this.#changed.fire(status);
  }

  /** Forgets what an earlier server said. The next one may speak before its start is over, be that slow or not. */
  follow(server: ServerControl): Subscription {
    return server.onDidChangeState((state) => {
      const speaks = state.kind === 'running' || (state.kind === 'starting' && state.slow);
      if (!speaks && this.#current !== undefined) {
        this.take(undefined);
      }
    });
  }
}
