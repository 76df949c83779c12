import { Emitter, type Signal, type Subscription } from '../emitter';
import type { ServerControl } from '../parts';
import { BackOff } from './backOff';
import type { Launch, ServerCommand } from './command';
import { Failure, asFailure } from './failure';
import type { ServerState } from './state';

/** Longer than this a start is slow, and the person is told that it goes on. */
const SLOW_MS = 8000;

/** One process of the server, with the client that speaks to it. */
export interface Instance {
  /** Resolves once the server answers; rejects with a `Failure` when it cannot be started or ends before. */
  start(): Promise<void>;
  /** Resolves when the process is gone; never rejects. */
  stop(): Promise<void>;
}

/** Makes an instance that is not started yet; `ended` is called once if it ends without having been stopped. */
export type Open<Server extends Instance> = (launch: Launch, ended: (reason: string) => void) => Server;

/**
 * Starts the server, starts it again after a crash, and gives up when that keeps happening. At most one instance
 * lives: each belongs to a `turn`, and what an earlier turn has to say is not heard any more.
 */
export class ServerLife<Server extends Instance> implements ServerControl, Subscription {
  readonly #changed = new Emitter<ServerState>();
  readonly #backOff = new BackOff();
  #state: ServerState = { kind: 'stopped' };
  #turn = 0;
  #server: Server | undefined;
  #ending: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly command: ServerCommand,
    private readonly open: Open<Server>,
  ) {}

  get state(): ServerState {
    return this.#state;
  }

  get onDidChangeState(): Signal<ServerState> {
    return this.#changed.event;
  }

  /** The server, while it answers. */
  get running(): Server | undefined {
    return this.#state.kind === 'running' ? this.#server : undefined;
  }

  async start(): Promise<void> {
    if (this.#state.kind !== 'starting' && this.#state.kind !== 'running') {
      await this.#launch(this.#nextTurn());
    }
  }

  async restart(): Promise<void> {
    this.#backOff.reset();
    await this.#launch(this.#nextTurn());
  }

  async stop(): Promise<void> {
    this.#nextTurn();
    this.#become({ kind: 'stopped' });
    await this.#ending;
  }

  /** Nobody hears of this stop: what would show it may be gone already. */
  dispose(): void {
    this.#changed.dispose();
    void this.stop();
  }

  /** Resolves with the server once it answers, starting it where needed; rejects when it will not. */
  async ready(): Promise<Server> {
    if (this.#state.kind === 'stopped') {
      void this.start();
    }
    for (;;) {
      const { running } = this;
      if (running !== undefined) {
        return running;
      }
      const failure = unavailable(this.#state);
      if (failure !== undefined) {
        throw failure;
      }
      await this.#nextChange();
    }
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const subscription = this.#changed.event(() => {
        subscription.dispose();
        resolve();
      });
    });
  }

  /** Ends whatever the turn before had begun. */
  #nextTurn(): number {
    clearTimeout(this.#timer);
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) {
      this.#ending = Promise.all([this.#ending, server.stop()]).then(() => undefined);
    }
    this.#turn += 1;
    return this.#turn;
  }

  async #launch(turn: number): Promise<void> {
    this.#become({ kind: 'starting', slow: false });
    this.#timer = setTimeout(() => {
      this.#become({ kind: 'starting', slow: true });
    }, SLOW_MS);
    try {
      await this.#ending;
      const launch = await this.command.resolve();
      if (turn !== this.#turn) {
        return;
      }
      if ('needsSetUp' in launch) {
        this.#settle({ kind: 'needsSetUp', reason: launch.needsSetUp });
        return;
      }
      const server = this.open(launch, (reason) => {
        this.#ended(turn, reason);
      });
      this.#server = server;
      await server.start();
      if (turn === this.#turn) {
        this.#settle({ kind: 'running' });
      }
    } catch (error) {
      this.#startFailed(turn, asFailure(error));
    }
  }

  #startFailed(turn: number, failure: Failure): void {
    if (failure.kind === 'serverEnded') {
      this.#ended(turn, failure.message);
    } else if (turn === this.#turn) {
      this.#nextTurn();
      this.#become({ kind: 'failed', failure });
    }
  }

  #ended(turn: number, reason: string): void {
    if (turn !== this.#turn) {
      return;
    }
    const next = this.#nextTurn();
    const delayMs = this.#backOff.afterCrash(Date.now());
    if (delayMs === undefined) {
      this.#become({ kind: 'failed', failure: keepsEnding(reason) });
      return;
    }
    this.#become({ kind: 'waiting', delayMs, reason });
    this.#timer = setTimeout(() => void this.#launch(next), delayMs);
  }

  #settle(state: ServerState): void {
    clearTimeout(this.#timer);
    this.#become(state);
  }

  #become(state: ServerState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}

function keepsEnding(reason: string): Failure {
  return new Failure(
    'serverUnavailable',
    `The language server keeps ending: ${reason}`,
    'Its log says more; Restart tries again.',
  );
}

/** Why no server will come out of a state by itself; undefined where one will. */
function unavailable(state: ServerState): Failure | undefined {
  switch (state.kind) {
    case 'needsSetUp':
      return new Failure('needsSetUp', state.reason, 'Run “Inglenook: Set Up Model”.');
    case 'failed':
      return state.failure;
    case 'stopped':
      return new Failure('serverUnavailable', 'The language server was stopped.', 'Run “Inglenook: Restart Server”.');
    case 'starting':
    case 'running':
    case 'waiting':
      return undefined;
  }
}
