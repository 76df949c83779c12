import { isPosition, isRange, isRecord } from '../guards';
import type { ExplainParams } from '../protocol';

/** What is to be explained: the name at a position, or what is selected. */
export type ExplainPlace = Pick<ExplainParams, 'textDocument' | 'position' | 'range' | 'refresh'>;

/**
 * Reads the argument of the command as the server's hovers and code actions give it. A link may come from anywhere:
 * undefined where it is something else.
 */
export function readArgument(argument: unknown): ExplainPlace | undefined {
  if (!isRecord(argument) || !isRecord(argument['textDocument']) || !isPosition(argument['position'])) {
    return undefined;
  }
  const { uri } = argument['textDocument'];
  if (typeof uri !== 'string') {
    return undefined;
  }
  return {
    textDocument: { uri },
    position: argument['position'],
    ...(isRange(argument['range']) ? { range: argument['range'] } : {}),
    ...(argument['refresh'] === true ? { refresh: true } : {}),
  };
}
