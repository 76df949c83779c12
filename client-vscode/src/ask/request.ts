import type { AskContext, Position, Range } from '../protocol';

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
  if (typeof argument !== 'object' || argument === null || argument instanceof Array) {
    return {};
  }
  const { question, context } = argument as Readonly<Record<string, unknown>>;
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
    isObject(value) &&
    isObject(value['textDocument']) &&
    typeof value['textDocument']['uri'] === 'string' &&
    (value['range'] === undefined || isRange(value['range']))
  );
}

function isRange(value: unknown): value is Range {
  return isObject(value) && isPosition(value['start']) && isPosition(value['end']);
}

function isPosition(value: unknown): value is Position {
  return isObject(value) && Number.isSafeInteger(value['line']) && Number.isSafeInteger(value['character']);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
