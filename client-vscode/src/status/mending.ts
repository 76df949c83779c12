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

/** What mends a failure; the first is the likeliest. */
export function mendings({ kind }: Failure): readonly Action[] {
  switch (kind) {
    case 'needsSetUp':
    case 'modelMissing':
    case 'modelBuild':
      return [SET_UP];
    case 'modelRefused':
    case 'engineFailed':
      return [SET_UP, SELECT_MODEL, SHOW_LOG];
    case 'machineTooSmall':
      return [SELECT_MODEL, openSettings('model.endpoint')];
    case 'endpoint':
      return [openSettings('model.endpoint')];
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

/** The failure in words: what happened, and what to do unless a button does it or the hint is for a terminal. */
export function sentence(failure: Failure): string {
  const forTerminals = failure.hint.includes('`inglenook ') && mendings(failure).length > 0;
  return failure.hint === '' || forTerminals ? failure.message : `${failure.message} ${failure.hint}`;
}

function openSettings(key: string): Action {
  return { title: 'Open Settings', command: 'workbench.action.openSettings', argument: `inglenook.${key}` };
}
