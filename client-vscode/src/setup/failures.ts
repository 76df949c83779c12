import { bytesInWords } from '../bytes';
import { Failure } from '../server/failure';
import { PYTHONS } from './downloads';
import { gettingPython, venvCommand } from './gettingPython';
import type { Machine } from './machine';

/** What a button of a failed set-up does. */
export type Remedy =
  | { readonly kind: 'retry' }
  | { readonly kind: 'choosePython' }
  /** Types a command into a terminal, for the person to run. */
  | { readonly kind: 'terminal'; readonly command: string }
  | { readonly kind: 'web'; readonly url: string }
  | { readonly kind: 'showLog' };

export const RETRY: Remedy = { kind: 'retry' };
export const SHOW_LOG: Remedy = { kind: 'showLog' };
export const CHOOSE_PYTHON: Remedy = { kind: 'choosePython' };

/** Why set-up did not come to its end, and what to do about it. */
export class SetUpFailure extends Failure {
  constructor(
    sentence: string,
    hint: string,
    /** The first is the likeliest. */
    readonly remedies: readonly Remedy[],
  ) {
    super('needsSetUp', sentence, hint);
  }
}

const OLDEST = PYTHONS.oldest.join('.');
const NEWEST = PYTHONS.newest.join('.');

/** No Python will do. `seen` says of each that was found why not. */
export function noPython(machine: Machine, seen: readonly string[]): SetUpFailure {
  const found = seen.length === 0 ? 'none was found' : `found was ${seen.join('; ')}`;
  const { hint, remedies } = gettingPython(machine);
  return new SetUpFailure(`Set-up needs Python ${OLDEST} to ${NEWEST}; ${found}.`, hint, [
    ...remedies,
    CHOOSE_PYTHON,
    RETRY,
  ]);
}

/** The Python that the setting names will not do. */
export function settingUnusable(path: string, reason: string): SetUpFailure {
  return new SetUpFailure(
    `The setting inglenook.server.python names ${path}, which cannot be used: ${reason}.`,
    `Choose a Python ${OLDEST} to ${NEWEST}.`,
    [CHOOSE_PYTHON, RETRY],
  );
}

/** There is a Python, but it cannot make environments. */
export function noVenv(machine: Machine, python: string, version: string): SetUpFailure {
  const minor = version.split('.').slice(0, 2).join('.');
  const command = venvCommand(machine, minor);
  return new SetUpFailure(
    `${python} cannot make virtual environments: its module venv or ensurepip is not installed.`,
    command === undefined ? 'Install it again with all its modules, or choose another Python.' : `Run: ${command}`,
    [...(command === undefined ? [] : [{ kind: 'terminal', command } as const]), CHOOSE_PYTHON, RETRY],
  );
}

/** Nothing can be installed on this machine at all. */
export function unsupported(reason: string): SetUpFailure {
  return new SetUpFailure(
    reason,
    'Open the folder on another machine over SSH or in a container, or name your own server in inglenook.server.command.',
    [],
  );
}

/** The disk has too little room; both in bytes. */
export function diskTooSmall(folder: string, needed: number, free: number): SetUpFailure {
  return new SetUpFailure(
    `Set-up takes ${bytesInWords(needed)} of disk; ${bytesInWords(free)} are free at ${folder}.`,
    'Free some disk space, and try again.',
    [RETRY],
  );
}

/** The extension lacks the files that it installs the server from: a build of one's own, most likely. */
export function nothingToInstall(): SetUpFailure {
  return new SetUpFailure(
    'This build of the extension does not carry the language server.',
    'Install the extension from its VSIX file, or name your own server in inglenook.server.command.',
    [],
  );
}
