import { COMMANDS } from '../commands';
import { Failure } from '../server/failure';
import { hintOf, mendings } from '../status/mending';
import type { Mishap } from './conversation';

/**
 * A failure as an answer tells it, after the failure of the answer before it, if that failed too. Where only the log
 * could help, asking again is the best there is.
 */
export function mishapOf(failure: Failure, before?: Failure): Mishap {
  const told = failure.kind === 'engineDied' && before?.kind === 'engineDied' ? diedAgain(failure) : failure;
  const mend = mendings(told).find(({ command }) => command !== COMMANDS.showLog);
  return { sentence: told.message, hint: hintOf(told), ...(mend === undefined ? {} : { mend }) };
}

/** A system that is short of memory ends the largest process without a word, and another one would fare no better. */
function diedAgain({ message }: Failure): Failure {
  return new Failure(
    'machineTooSmall',
    message,
    'It ended twice in a row: most likely the memory does not suffice. Choose a smaller model, or use an endpoint.',
  );
}
