import { COMMANDS, type CommandId } from '../commands';
import type { Failure } from '../server/failure';
import { plain } from './plain';

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

/** What mends a failure; the first is the likeliest. */
export function mendings({ kind }: Pick<Failure, 'kind'>): readonly Action[] {
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

/** What to do about a failure; empty where the hint is for a terminal, and a button does the same. */
export function hintOf(failure: Failure): string {
  const forTerminals = failure.hint.includes('`inglenook ') && mendings(failure).length > 0;
  return forTerminals ? '' : failure.hint;
}

/** The failure in words, for a notification: what happened, and what to do. */
export function sentence(failure: Failure): string {
  const text = `${failure.message} ${hintOf(failure)}`.trimEnd();
  return plain(text).replace(/`([^`]+)`/g, '“$1”'); // of Markdown a notification knows links alone
}

function openSettings(key: string): Action {
  return { title: 'Open Settings', command: 'workbench.action.openSettings', argument: `inglenook.${key}` };
}
