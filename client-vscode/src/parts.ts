import type { LogOutputChannel } from 'vscode';

import type { Signal } from './emitter';
import type { Settings, StatusParams } from './protocol';
import type { Connection } from './server/connection';
import type { Failure } from './server/failure';
import type { ServerState } from './server/state';

/** What every feature is given; the extension composes it once, on activation. */
export interface Parts {
  /** Typed requests to the server. They wait while it starts, and reject with a `Failure`. */
  readonly connection: Connection;
  readonly server: ServerControl;
  readonly status: StatusFeed;
  readonly failures: Failures;
  readonly settings: SettingsReader;
  readonly trust: Trust;
  /** The output channel “Inglenook”; the server's own log goes there too. */
  readonly log: LogOutputChannel;
}

/** The life of the language server. */
export interface ServerControl {
  readonly state: ServerState;
  readonly onDidChangeState: Signal<ServerState>;
  /** Starts the server unless it runs or is about to; resolves when that is decided, and never rejects. */
  start(): Promise<void>;
  /** Ends it where it runs, forgets its crashes, and starts it: also with another command. Never rejects. */
  restart(): Promise<void>;
  /** Ends it and leaves it so until `start` or `restart`. Never rejects. */
  stop(): Promise<void>;
}

/** What the server last said of engine and index. */
export interface StatusFeed {
  /** Undefined while no server runs. */
  readonly current: StatusParams | undefined;
  readonly onDidChange: Signal<StatusParams | undefined>;
}

/** Where failures are told. */
export interface Failures {
  /** Shows a notification with the action that mends it, unless the same one is shown already. Cancellations pass. */
  tell(error: unknown): void;
  /** The same for a failure that is told elsewhere: only the log hears of it. */
  log(error: unknown): Failure;
}

/** The settings below `inglenook.`, typed. */
export interface SettingsReader {
  get<Key extends keyof Settings>(key: Key): Settings[Key];
  /** Fires with a test for keys: `changed('server.command')`. */
  readonly onDidChange: Signal<(key: keyof Settings) => boolean>;
}

/** Workspace Trust: `trusted` is false in Restricted Mode. */
export interface Trust {
  readonly trusted: boolean;
  readonly onDidGrant: Signal<void>;
}
