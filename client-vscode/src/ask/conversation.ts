import type { ExplainPlace } from '../explain/argument';
import type { AskContext, AskPart, AskResult, Citation, ExplainResult, Outcome, Span, Trace } from '../protocol';
import type { Action } from '../status/mending';

/** More answers than this are not kept: the oldest goes. */
export const MOST_ANSWERS = 100;
/** So many of the newest answers are shown whole; older ones as their question, until they are opened. */
export const SHOWN_WHOLE = 8;

/** What a person asked. */
export interface Question {
  readonly text: string;
  /** The selection that it is about. */
  readonly about?: About;
  /** It asks for the explanation of a place, which is no part of the conversation with the model. */
  readonly explain?: ExplainPlace;
}

/** A selection that a question is about. */
export interface About {
  readonly context: AskContext;
  /** `path:12-14`, for a person. */
  readonly label: string;
}

/** What a running answer does now. */
export interface Step {
  readonly message?: string;
  /** 0 to 100. */
  readonly percent?: number;
}

/** Why there is no answer, for a person. */
export interface Mishap {
  readonly sentence: string;
  /** What to do about it; empty where a button does it. */
  readonly hint: string;
  /** The button that mends it; asking again is always there. */
  readonly mend?: Action;
}

/** A question and what has come of it so far. */
export interface Answer {
  readonly id: number;
  readonly question: Question;
  readonly state: 'waiting' | 'running' | 'answered' | 'stopped' | 'failed';
  /** Markdown. */
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly evidence: readonly Citation[];
  /** The steps so far; once there is a trace they are in it. */
  readonly spans: readonly Span[];
  readonly step?: Step;
  readonly outcome?: Outcome;
  readonly trace?: Trace;
  readonly mishap?: Mishap;
  /** The server no longer knew what was said before, and began anew. */
  readonly forgotten?: boolean;
}

/** An old answer of which only the question is shown. */
export interface FoldedAnswer {
  readonly id: number;
  readonly question: Question;
  readonly state: 'folded';
}

/** Where a place of an answer stands: in its words, in its evidence, or in the step of that number. */
export type PlaceList = 'citations' | 'evidence' | number;

/** A question that waits for its turn. */
export function begun(id: number, question: Question): Answer {
  return { id, question, state: 'waiting', text: '', citations: [], evidence: [], spans: [] };
}

/** The answer after a partial result. */
export function heard(answer: Answer, part: AskPart): Answer {
  switch (part.kind) {
    case 'text':
      return { ...answer, text: answer.text + part.delta, step: {} };
    case 'citation':
      return { ...answer, citations: [...answer.citations, part.citation] };
    case 'span':
      return { ...answer, spans: [...answer.spans, part.span], step: {} };
    case 'reset':
      return { ...answer, text: '', citations: [] };
  }
}

/** The answer whose running step is another one. */
export function stepping(answer: Answer, step: Step): Answer {
  return { ...answer, step };
}

/** The whole answer. */
export function answered({ id, question }: Answer, result: AskResult, forgotten: boolean): Answer {
  const { answer: text, citations, evidence, outcome, trace } = result;
  return { id, question, state: 'answered', text, citations, evidence, spans: [], outcome, trace, forgotten };
}

/** The explanation, as an answer. */
export function explained({ id, question }: Answer, { markdown: text, citations, trace }: ExplainResult): Answer {
  return { id, question, state: 'answered', text, citations, evidence: [], spans: [], outcome: 'answered', trace };
}

/** The question as it is asked again: an explanation is made anew. */
export function again({ question }: Answer): Question {
  return question.explain === undefined ? question : { ...question, explain: { ...question.explain, refresh: true } };
}

/** The answer as far as it came before it was stopped. */
export function stopped(answer: Answer): Answer {
  return { ...answer, state: 'stopped', step: {} };
}

/** The answer that never came. */
export function failed(answer: Answer, mishap: Mishap): Answer {
  return { ...answer, state: 'failed', step: {}, mishap };
}

/** Whether something may still come. */
export function isOpen({ state }: Pick<Answer, 'state'> | FoldedAnswer): boolean {
  return state === 'waiting' || state === 'running';
}

/** What was done so far, in order. */
export function spansOf({ trace, spans }: Answer): readonly Span[] {
  return trace?.spans ?? spans;
}

/** The place that a list of an answer has at an index. */
export function placeAt(answer: Answer, list: PlaceList, index: number): Citation | undefined {
  return (typeof list === 'number' ? spansOf(answer)[list]?.locations : answer[list])?.[index];
}

/** The answers with this one in its place, or at their end; the oldest of too many is left out. */
export function placed<Shown extends { readonly id: number }>(answers: readonly Shown[], answer: Shown): Shown[] {
  const at = answers.findIndex(({ id }) => id === answer.id);
  return at === -1 ? [...answers, answer].slice(-MOST_ANSWERS) : answers.with(at, answer);
}

/** The answers as they are shown: old ones folded, except those that `open` holds. */
export function shown(
  answers: readonly (Answer | FoldedAnswer)[],
  open: ReadonlySet<number>,
): (Answer | FoldedAnswer)[] {
  const whole = answers.length - SHOWN_WHOLE;
  return answers.map((answer, at) => (at >= whole || open.has(answer.id) || isOpen(answer) ? answer : folded(answer)));
}

function folded({ id, question }: Answer | FoldedAnswer): FoldedAnswer {
  return { id, question, state: 'folded' };
}
