import { isRecord } from '../guards';
import type { Citation, Trace } from '../protocol';
import type { Store } from '../store';
import { type Answer, isOpen, stopped } from './conversation';

/** Another number wherever an answer takes another form. */
const KEY = 'inglenook.conversation.1';
/** VS Code advises against more than twice this much. */
const MOST_CHARACTERS = 250_000;
/** What is left of the rows of an answer that alone is more than that: as many as its words list. */
const MOST_ROWS = 50;
const LONGEST_LINE = 200;

/** The conversation of a workspace, kept at each change, for the window that comes next. */
export class ConversationMemory {
  constructor(private readonly store: Store) {}

  get answers(): readonly Answer[] {
    const kept = this.store.get(KEY);
    return Array.isArray(kept) ? kept.filter(isAnswer) : [];
  }

  /** Keeps the newest answers; what is still open will have been stopped. */
  keep(answers: readonly Answer[]): void {
    const settled = answers.map((answer) => (isOpen(answer) ? stopped(answer) : answer));
    void this.store.update(KEY, settled.length === 0 ? undefined : newest(settled));
  }
}

function isAnswer(value: unknown): value is Answer {
  return isRecord(value) && typeof value['id'] === 'number' && isRecord(value['question']);
}

function newest(answers: readonly Answer[]): readonly Answer[] {
  let left = MOST_CHARACTERS;
  const fitting = answers.toReversed().map((answer) => (sizeOf(answer) > MOST_CHARACTERS ? shortened(answer) : answer));
  const tooOld = fitting.findIndex((answer, age) => {
    left -= sizeOf(answer);
    return age > 0 && left < 0;
  });
  return fitting.slice(0, tooOld === -1 ? undefined : tooOld).toReversed();
}

function sizeOf(answer: Answer): number {
  return JSON.stringify(answer).length;
}

function shortened({ trace, spans: _spans, ...answer }: Answer): Answer {
  const evidence = answer.evidence.slice(0, MOST_ROWS).map(withShortLine);
  const citations = answer.citations.slice(0, MOST_ROWS).map(withShortLine);
  return { ...answer, citations, evidence, spans: [], ...(trace === undefined ? {} : { trace: withoutPlaces(trace) }) };
}

function withShortLine(citation: Citation): Citation {
  return { ...citation, text: citation.text.slice(0, LONGEST_LINE) };
}

function withoutPlaces(trace: Trace): Trace {
  return { ...trace, spans: trace.spans.map((span) => ({ ...span, locations: [] })) };
}
