import { COMMANDS } from '../commands';
import type { Failure } from '../server/failure';
import { hintOf, mendings } from '../status/mending';
import type { Mishap } from './conversation';

/** A failure as an answer tells it; where only the log could help, asking again is the best there is. */
export function mishapOf(failure: Failure): Mishap {
  const mend = mendings(failure).find(({ command }) => command !== COMMANDS.showLog);
  return { sentence: failure.message, hint: hintOf(failure), ...(mend === undefined ? {} : { mend }) };
}
