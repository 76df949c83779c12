import type { CancellationToken } from 'vscode';

import type { Subscription } from '../emitter';
import {
  type AskParams,
  type AskPart,
  type AskResult,
  type ExplainParams,
  type ExplainResult,
  type HitsPart,
  METHODS,
  type ModelParams,
  type ModelResult,
  type Requests,
  type SearchParams,
  type SearchResult,
} from '../protocol';
import { Failure } from './failure';
import { failureOf } from './responseErrors';

/** What a running request does, in words. */
export interface Progress {
  readonly message?: string;
  /** 0 to 100. */
  readonly percent?: number;
}

/** Hears of a request while it runs; nothing comes after its promise is settled. */
export interface Listener<Part> {
  readonly onPart?: (part: Part) => void;
  readonly onProgress?: (progress: Progress) => void;
}

type Own = 'workDoneToken' | 'partialResultToken';

/**
 * The server's requests, typed. Each waits for a server that starts, can be cancelled by its token, and rejects with a
 * `Failure`; after a cancellation that is one with `isCancellation`.
 */
export interface Connection {
  ask(params: Omit<AskParams, Own>, listener?: Listener<AskPart>, token?: CancellationToken): Promise<AskResult>;
  explain(
    params: Omit<ExplainParams, Own>,
    listener?: Listener<AskPart>,
    token?: CancellationToken,
  ): Promise<ExplainResult>;
  search(params: Omit<SearchParams, Own>, listener?: Listener<HitsPart>, token?: CancellationToken): Promise<SearchResult>;
  model(params: Omit<ModelParams, Own>, listener?: Listener<never>, token?: CancellationToken): Promise<ModelResult>;
  clearTrace(): Promise<void>;
}

/** A channel to the server that is there now. */
export interface Channel {
  request(method: string, params: unknown, token: CancellationToken | undefined): Promise<unknown>;
  /** Hears of `$/progress` under a token, until disposed of. */
  onProgress(token: string, handler: (value: never) => void): Subscription;
}

/** Where channels come from. */
export interface Channels {
  /** The channel, while the server answers. */
  readonly running: Channel | undefined;
  /** Resolves with it once the server answers; rejects with a `Failure` when it will not. */
  ready(): Promise<Channel>;
}

const STARTING: Progress = { message: 'Waiting for the language server' };

/** Requests over whatever channel there is, or will be. */
export class ServerConnection implements Connection {
  #requests = 0;

  constructor(private readonly channels: Channels) {}

  ask: Connection['ask'] = (params, listener, token) => this.#request(METHODS.ask, params, listener, token);

  explain: Connection['explain'] = (params, listener, token) =>
    this.#request(METHODS.explain, params, listener, token);

  search: Connection['search'] = (params, listener, token) => this.#request(METHODS.search, params, listener, token);

  model: Connection['model'] = (params, listener, token) => this.#request(METHODS.model, params, listener, token);

  async clearTrace(): Promise<void> {
    await this.#request(METHODS.clearTrace, {});
  }

  async #request<Method extends keyof Requests>(
    method: Method,
    params: Omit<Requests[Method]['params'], Own>,
    listener: Listener<Requests[Method]['part']> = {},
    token?: CancellationToken,
  ): Promise<Requests[Method]['result']> {
    const subscriptions: Subscription[] = [];
    try {
      const channel = this.channels.running ?? (await this.#awaited(listener, token));
      const tokens = this.#listen(channel, listener, subscriptions);
      return (await channel.request(method, { ...params, ...tokens }, token)) as Requests[Method]['result'];
    } catch (error) {
      throw failureOf(error);
    } finally {
      subscriptions.forEach((subscription) => subscription.dispose());
    }
  }

  async #awaited({ onProgress }: Listener<never>, token: CancellationToken | undefined): Promise<Channel> {
    onProgress?.(STARTING); // the server's own progress takes its place
    return unlessCancelled(this.channels.ready(), token);
  }

  /** Listens to what there is a listener for, and returns the tokens that ask the server for it. */
  #listen<Part>(channel: Channel, { onPart, onProgress }: Listener<Part>, subscriptions: Subscription[]): Tokens {
    this.#requests += 1;
    const name = `inglenook/${this.#requests}`;
    if (onPart !== undefined) {
      subscriptions.push(channel.onProgress(`${name}/parts`, onPart));
    }
    if (onProgress !== undefined) {
      const heard = (value: WorkDone): void => {
        if (value.kind !== 'end') {
          onProgress(progressOf(value));
        }
      };
      subscriptions.push(channel.onProgress(`${name}/work`, heard));
    }
    return {
      ...(onPart === undefined ? {} : { partialResultToken: `${name}/parts` }),
      ...(onProgress === undefined ? {} : { workDoneToken: `${name}/work` }),
    };
  }
}

interface Tokens {
  readonly partialResultToken?: string;
  readonly workDoneToken?: string;
}

/** LSP's work-done progress. */
interface WorkDone {
  readonly kind: 'begin' | 'report' | 'end';
  readonly message?: string;
  readonly percentage?: number;
}

function progressOf({ message, percentage }: WorkDone): Progress {
  return {
    ...(message === undefined ? {} : { message }),
    ...(percentage === undefined ? {} : { percent: percentage }),
  };
}

/** Rejects as soon as `token` is cancelled, however long `promise` takes. */
async function unlessCancelled<T>(promise: Promise<T>, token: CancellationToken | undefined): Promise<T> {
  if (token === undefined) {
    return promise;
  }
  let subscription: Subscription | undefined;
  const cancelled = new Promise<never>((_resolve, reject) => {
    const stop = (): void => {
      reject(new Failure('cancelled', 'The request was cancelled.', ''));
    };
    if (token.isCancellationRequested) {
      stop();
    }
    subscription = token.onCancellationRequested(stop);
  });
  try {
    return await Promise.race([promise, cancelled]);
  } finally {
    subscription?.dispose();
  }
}
