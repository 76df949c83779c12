import {
  type About,
  type Answer,
  type FoldedAnswer,
  heard,
  isOpen,
  placed,
  shown,
  stepping,
} from '../ask/conversation';
import type { ToView } from '../ask/messages';
import type { Notice } from '../ask/notice';

/** All that the page shows. */
export interface State {
  readonly answers: readonly (Answer | FoldedAnswer)[];
  readonly history: readonly string[];
  readonly notices: readonly Notice[];
  readonly about: About | undefined;
  /** Old answers that were opened. */
  readonly unfolded: ReadonlySet<number>;
  /** Answers whose trace is open. */
  readonly traces: ReadonlySet<number>;
  /** Answers that say why they were slow. */
  readonly whys: ReadonlySet<number>;
  /** Answers that show all of their evidence. */
  readonly evidence: ReadonlySet<number>;
  /** Steps that show their arguments and places: `answer/step`. */
  readonly steps: ReadonlySet<string>;
  /** The button that has just done its work. */
  readonly done: string | undefined;
}

export const EMPTY: State = {
  answers: [],
  history: [],
  notices: [],
  about: undefined,
  unfolded: new Set(),
  traces: new Set(),
  whys: new Set(),
  evidence: new Set(),
  steps: new Set(),
  done: undefined,
};

/** The state after a message of the extension. */
export function told(state: State, message: ToView): State {
  switch (message.type) {
    case 'state': {
      const { answers, history, notices, about } = message;
      return { ...state, answers, history, notices, about: about ?? undefined };
    }
    case 'answer':
      return withAnswer(state, message.answer);
    case 'part':
      return change(state, message.id, (answer) => heard(answer, message.part));
    case 'step':
      return change(state, message.id, (answer) => stepping(answer, message.step));
    case 'notices':
      return { ...state, notices: message.notices };
    case 'about':
      return { ...state, about: message.about ?? undefined };
    case 'trace':
      return { ...state, traces: withLast(state) };
    case 'focus':
      return state;
  }
}

/** The state in which an old answer is to be shown whole. */
export function unfolding(state: State, id: number): State {
  return { ...state, unfolded: new Set([...state.unfolded, id]) };
}

/** Whether something is being answered. */
export function isBusy({ answers }: State): boolean {
  return answers.some(isOpen);
}

/** The set with the value taken out, or put in. */
export function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) {
    next.add(value);
  }
  return next;
}

function withAnswer(state: State, answer: Answer): State {
  const { text, explain } = answer.question;
  const history =
    answer.state === 'waiting' && explain === undefined
      ? [...state.history.filter((earlier) => earlier !== text), text]
      : state.history;
  return { ...state, history, answers: shown(placed(state.answers, answer), state.unfolded) };
}

function change(state: State, id: number, how: (answer: Answer) => Answer): State {
  const answers = state.answers.map((answer) => (answer.id === id && answer.state !== 'folded' ? how(answer) : answer));
  return { ...state, answers };
}

function withLast({ answers, traces }: State): ReadonlySet<number> {
  const last = answers.at(-1);
  return last === undefined ? traces : new Set([...traces, last.id]);
}
