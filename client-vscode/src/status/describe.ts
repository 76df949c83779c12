import { bytesInWords } from '../bytes';
import { COMMANDS, type CommandId, MANAGE_TRUST } from '../commands';
import type { EngineStatus, IndexStatus, StatusParams } from '../protocol';
import type { ServerState } from '../server/state';

/** What engine and server do, for the status bar, its tooltip and the menu behind it. */
export interface Description {
  /** A codicon's name. */
  readonly icon: string;
  /** What stands beside the icon; short. */
  readonly text: string;
  readonly severity: 'information' | 'warning' | 'error';
  readonly busy: boolean;
  /** One sentence. */
  readonly summary: string;
  /** Names and values, for the tooltip. */
  readonly facts: readonly (readonly [string, string])[];
  /** What a person may want to do now, the likeliest first. */
  readonly actions: readonly ActionId[];
}

/** What the menu behind the status bar's item may offer. */
export type ActionId = CommandId | typeof MANAGE_TRUST;

/** What Restricted Mode leaves out, and what it does not. */
export const RESTRICTION = [
  'Restricted Mode',
  'search, hover cards and questions work; no command is run, and nothing outside the open folders is read',
] as const;

type Head = Pick<Description, 'summary' | 'actions'> &
  Partial<Pick<Description, 'icon' | 'text' | 'severity' | 'busy'>>;

const FLAME = 'flame';
const SPINNER = 'loading~spin';
const ASKING = [COMMANDS.ask, COMMANDS.search] as const;
const HELP = [COMMANDS.restartServer, COMMANDS.showLog, COMMANDS.reportProblem] as const;

/** Describes the present state; `status` is what the server said last. */
export function describe(server: ServerState, status: StatusParams | undefined, trusted: boolean): Description {
  const head = server.kind === 'running' ? engineHead(status?.engine) : serverHead(server);
  return {
    icon: FLAME,
    text: '',
    severity: 'information',
    busy: head.icon === SPINNER,
    ...head,
    facts: [...(status === undefined ? [] : facts(status)), ...(trusted ? [] : [RESTRICTION])],
    actions: trusted ? head.actions : [...head.actions, MANAGE_TRUST],
  };
}

function serverHead(server: Exclude<ServerState, { kind: 'running' }>): Head {
  switch (server.kind) {
    case 'stopped':
      return { summary: 'Not started: open a folder, or ask.', actions: [COMMANDS.ask, ...HELP] };
    case 'needsSetUp':
      return setUpHead(server.reason);
    case 'starting':
      return {
        icon: SPINNER,
        text: server.slow ? 'Starting' : '',
        summary: server.slow
          ? 'The language server is still starting. It is slow today; its log may say why.'
          : 'The language server is starting.',
        actions: server.slow ? [COMMANDS.showLog, COMMANDS.restartServer, COMMANDS.reportProblem] : [COMMANDS.showLog],
      };
    case 'waiting':
      return {
        icon: 'debug-restart',
        severity: 'warning',
        summary: `The language server ended; it starts again in ${server.delayMs / 1000} s.`,
        actions: HELP,
      };
    case 'failed':
      return { ...failedHead(server.failure.message), actions: [...HELP, COMMANDS.setUp] };
  }
}

function engineHead(engine: EngineStatus | undefined): Head {
  switch (engine?.state) {
    case undefined:
      return { icon: SPINNER, summary: 'The language server is getting ready.', actions: [COMMANDS.search, ...HELP] };
    case 'notSetUp':
      return setUpHead(engine.message ?? 'No model is set up yet.');
    case 'unloaded':
      return {
        summary: 'The model is not in memory; the next question loads it.',
        actions: [...ASKING, COMMANDS.selectModel, ...HELP],
      };
    case 'starting':
      return { icon: SPINNER, summary: 'The model’s process is starting.', actions: [...ASKING, ...HELP] };
    case 'loading':
      return {
        icon: SPINNER,
        text: engine.percent === undefined ? '' : `${engine.percent} %`,
        summary: 'The model is being loaded.',
        actions: [...ASKING, ...HELP],
      };
    case 'ready':
      return { summary: 'Ready.', actions: [...ASKING, COMMANDS.selectModel, COMMANDS.unloadModel, ...HELP] };
    case 'busy':
      return {
        icon: SPINNER,
        text: engine.queued === 0 ? '' : `+${engine.queued}`,
        summary: engine.queued === 0 ? 'At work.' : `At work; ${waiting(engine.queued)}.`,
        actions: [COMMANDS.stop, COMMANDS.search, COMMANDS.ask, ...HELP],
      };
    case 'failed':
      return {
        ...failedHead(engine.message ?? 'The model cannot be used.'),
        actions: [COMMANDS.selectModel, COMMANDS.setUp, ...HELP],
      };
  }
}

function setUpHead(summary: string): Head {
  return { text: 'Set Up', severity: 'warning', summary, actions: [COMMANDS.setUp, COMMANDS.search, ...HELP] };
}

function failedHead(summary: string): Omit<Head, 'actions'> {
  return { icon: 'error', severity: 'error', summary };
}

function waiting(queued: number): string {
  return queued === 1 ? '1 request waits' : `${queued} requests wait`;
}

function* facts({ engine, index }: StatusParams): Generator<readonly [string, string]> {
  if (engine.model !== undefined) {
    yield ['Model', engine.model];
  }
  if (engine.device !== undefined) {
    yield ['Runs on', engine.device];
  }
  if (engine.memoryBytes !== undefined) {
    yield ['Memory', bytesInWords(engine.memoryBytes)];
  }
  if (engine.queued > 0) {
    yield ['Queue', waiting(engine.queued)];
  }
  if (index.state !== 'off') {
    yield ['Index', indexSummary(index)];
  }
}

/** What the index holds, and what is left to do. */
export function indexSummary({ state, files, stale, percent, message }: IndexStatus): string {
  const count = `${files.toLocaleString('en')} ${files === 1 ? 'file' : 'files'}`;
  switch (state) {
    case 'off':
      return 'no folder is open';
    case 'starting':
      return 'starting';
    case 'indexing':
      return `${count}, ${stale.toLocaleString('en')} to go${percent === undefined ? '' : ` · ${percent} %`}`;
    case 'direct':
      return message ?? 'none; every search reads the files';
    case 'ready':
      return message === undefined ? count : `${count} · ${message}`;
  }
}
