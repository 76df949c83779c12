import { COMMANDS, type CommandId } from '../commands';
import type { Failure } from '../server/failure';

/** A button of a notification. */
export interface Action {
  readonly title: string;
  readonly command: CommandId | 'workbench.action.openSettings';
  readonly argument?: string;
}

const SET_UP: Action = { title: 'Set Up Model', command: COMMANDS.setUp };
const SELECT_MODEL: Action = { title: 'Select Model', command: COMMANDS.selectModel };
const RESTART: Action = { title: 'Restart', command: COMMANDS.restartServer };
const SHOW_LOG: Action = { title: 'Show Log', command: COMMANDS.showLog };
const REPORT: Action = { title: 'Report Problem', command: COMMANDS.reportProblem };
/** What takes less memory: another model, or another machine's. */
const SMALLER: readonly Action[] = [SELECT_MODEL, { ...openSettings('model.endpoint'), title: 'Use an Endpoint' }];

/** What allocators say when they have no more to give; the server passes their words on. */
const NO_MEMORY = /out of memory|bad_alloc|(?:unable to|cannot|could not) allocate|MemoryError/i;
const LESS_MEMORY = 'Choose a smaller model, close other programs, or use an endpoint.';

/** What mends a failure; the first is the likeliest. */
export function mendings(failure: Failure): readonly Action[] {
  return lacksMemory(failure) ? SMALLER : mendingsOf(failure.kind);
}

function mendingsOf(kind: Failure['kind']): readonly Action[] {
  switch (kind) {
    case 'needsSetUp':
    case 'modelMissing':
    case 'modelBuild':
      return [SET_UP];
    case 'modelRefused':
    case 'engineFailed':
      return [SET_UP, SELECT_MODEL, SHOW_LOG];
    case 'machineTooSmall':
      return SMALLER;
    case 'endpoint':
      return [openSettings('model.endpoint')];
    case 'serverCommand':
      return [openSettings('server.command'), SET_UP, SHOW_LOG];
    case 'serverUnavailable':
      return [RESTART, SHOW_LOG, REPORT];
    case 'engineUnavailable':
    case 'internal':
    case 'protocol':
      return [SHOW_LOG, REPORT];
    case 'engineDied':
    case 'serverEnded':
      return [SHOW_LOG];
    case 'badRequest':
    case 'workspace':
    case 'outOfScope':
    case 'questionTooLong':
    case 'noExplanation':
    case 'cancelled':
    case 'superseded':
      return [];
  }
}

/** Whether the memory did not suffice, be it for the model or for one turn of it. */
function lacksMemory({ kind, message }: Failure): boolean {
  return (kind === 'engineUnavailable' || kind === 'internal') && NO_MEMORY.test(message);
}

/** What to do about a failure; empty where the hint is for a terminal, and a button does the same. */
export function hintOf(failure: Failure): string {
  if (lacksMemory(failure)) {
    return LESS_MEMORY;
  }
  const forTerminals = failure.hint.includes('`inglenook ') && mendings(failure).length > 0;
  return forTerminals ? '' : failure.hint;
}

/** The failure in words, for a notification: what happened, and what to do. */
export function sentence(failure: Failure): string {
  const text = `${failure.message} ${hintOf(failure)}`.trimEnd();
  return text.replace(/`([^`]+)`/g, '“$1”'); // a notification renders no Markdown
}

function openSettings(key: string): Action {
  return { title: 'Open Settings', command: 'workbench.action.openSettings', argument: `inglenook.${key}` };
}
