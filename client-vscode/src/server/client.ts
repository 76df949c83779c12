import type { CancellationToken, LogOutputChannel } from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  ProgressType,
  RevealOutputChannelOn,
} from 'vscode-languageclient/node';

import type { Subscription } from '../emitter';
import { LINKED_COMMANDS } from '../links';
import { type InitializationOptions, METHODS, type StatusParams, type TrustParams } from '../protocol';
import type { Launch } from './command';
import type { Channel } from './connection';
import { Failure } from './failure';
import type { Instance } from './life';
import { pipeToLog } from './log';
import { ServerProcess } from './process';

/** What a client needs of its surroundings. */
export interface ClientContext {
  readonly log: LogOutputChannel;
  /** Asked when the server starts. */
  readonly trusted: () => boolean;
  readonly onStatus: (status: StatusParams) => void;
}

/** One process of the server and VS Code's language client for it; never started twice. */
export class ServerClient implements Instance, Channel {
  readonly #client: LanguageClient;
  #process: ServerProcess | undefined;
  #stopping = false;

  constructor(
    private readonly launch: Launch,
    private readonly ended: (reason: string) => void,
    context: ClientContext,
  ) {
    this.#client = new QuietClient('inglenook', 'Inglenook', () => this.#spawn(), clientOptions(context));
    this.#client.onNotification(METHODS.status, (status: StatusParams) => {
      if (!this.#stopping) {
        context.onStatus(status);
      }
    });
  }

  async start(): Promise<void> {
    try {
      await this.#client.start();
    } catch (error) {
      throw await this.#startFailure(error);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    try {
      await this.#client.dispose();
    } catch {
      this.#process?.child.stdin.end(); // it had not come up, or does not answer
    }
    await this.#process?.end();
  }

  request(method: string, params: unknown, token: CancellationToken | undefined): Promise<unknown> {
    return token === undefined
      ? this.#client.sendRequest(method, params)
      : this.#client.sendRequest(method, params, token);
  }

  onProgress(token: string, handler: (value: never) => void): Subscription {
    return this.#client.onProgress(new ProgressType<never>(), token, handler);
  }

  async tellTrust(trusted: boolean): Promise<void> {
    await this.#client.sendNotification(METHODS.trust, { trusted } satisfies TrustParams);
  }

  async #spawn(): Promise<ServerProcess['child']> {
    const process = await ServerProcess.spawn(this.launch);
    this.#process = process;
    void process.gone.then((reason) => {
      if (!this.#stopping) {
        this.ended(reason);
      }
    });
    if (this.#stopping) {
      process.child.stdin.end();
      await process.end();
    }
    return process.child;
  }

  /** Why it did not come up: it could not be started, it ended, or it refused to be initialised. */
  async #startFailure(error: unknown): Promise<Failure> {
    if (error instanceof Failure) {
      return error;
    }
    const refused = new Promise<undefined>((resolve) => setTimeout(resolve, REFUSAL_MS, undefined));
    const reason = await Promise.race([this.#process?.gone, refused]);
    return reason === undefined
      ? new Failure('serverUnavailable', `The language server did not start: ${words(error)}`, 'Its log says more.')
      : new Failure('serverEnded', reason, 'Its log says more.');
  }
}

/** A server that ends while it starts is gone this soon after its pipes are closed. */
const REFUSAL_MS = 1000;

/** The library shows notifications of its own for every trouble; ours are told once, with what mends them. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

function clientOptions({ log, trusted }: ClientContext): LanguageClientOptions {
  const initializationOptions = (): InitializationOptions => ({
    commands: false, // ours bear the same names
    trustedCommands: true,
    trusted: trusted(),
  });
  return {
    documentSelector: [{ scheme: 'file' }],
    initializationOptions,
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    stdioOptions: { stderr: pipeToLog, stdout: () => undefined },
    markdown: { isTrusted: { enabledCommands: LINKED_COMMANDS }, supportHtml: false },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true, message: 'The connection has ended.' }),
    },
  };
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
