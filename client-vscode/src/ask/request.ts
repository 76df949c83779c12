import { isRange, isRecord } from '../guards';
import type { AskContext } from '../protocol';

/** What `inglenook.ask` may be given by a key binding, a link or another command. */
export interface AskRequest {
  /** Asked at once; without one the question box is shown. */
  readonly question?: string;
  readonly context?: AskContext;
}

/** Reads the first argument of `inglenook.ask`, which anybody may have written. */
export function askRequest(argument: unknown): AskRequest {
  if (typeof argument === 'string') {
    return questionOf(argument);
  }
  if (!isRecord(argument)) {
    return {};
  }
  const { question, context } = argument;
  return {
    ...(typeof question === 'string' ? questionOf(question) : {}),
    ...(isContext(context) ? { context } : {}),
  };
}

function questionOf(text: string): AskRequest {
  const question = text.trim();
  return question === '' ? {} : { question };
}

function isContext(value: unknown): value is AskContext {
  return (
    isRecord(value) &&
    isRecord(value['textDocument']) &&
    typeof value['textDocument']['uri'] === 'string' &&
    (value['range'] === undefined || isRange(value['range']))
  );
}
