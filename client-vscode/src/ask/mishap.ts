import { COMMANDS } from '../commands';
import type { Failure } from '../server/failure';
import { mendings, sentence } from '../status/mending';
import type { Mishap } from './conversation';

/** A failure as an answer tells it; where only the log could help, asking again is the best there is. */
export function mishapOf(failure: Failure): Mishap {
  const hint = sentence(failure) === failure.message ? '' : failure.hint;
  const mend = mendings(failure).find(({ command }) => command !== COMMANDS.showLog);
  return { sentence: failure.message, hint, ...(mend === undefined ? {} : { mend }) };
}
