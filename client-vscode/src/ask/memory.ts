import type { Store } from '../inputHistory';
import { type Answer, isOpen, stopped } from './conversation';

/** What is kept of a conversation when its window closes. */
export interface Conversation {
  readonly answers: readonly Answer[];
  /** What the server calls it. */
  readonly conversationId?: string;
}

/** Another number wherever an answer takes another form. */
const KEY = 'inglenook.conversation.1';
/** VS Code advises against more than twice this much. */
const MOST_CHARACTERS = 250_000;

/** The conversation of this workspace, as it was when its last window was closed. */
export class ConversationMemory {
  constructor(private readonly store: Store) {}

  get conversation(): Conversation {
    return (this.store.get(KEY) as Conversation | undefined) ?? { answers: [] };
  }

  /** Keeps the newest answers; what is still open will have been stopped. */
  keep({ answers, ...rest }: Conversation): void {
    const settled = answers.map((answer) => (isOpen(answer) ? stopped(answer) : answer));
    void this.store.update(KEY, answers.length === 0 ? undefined : { ...rest, answers: newest(settled) });
  }
}

function newest(answers: readonly Answer[]): readonly Answer[] {
  let left = MOST_CHARACTERS;
  const tooOld = answers.findLastIndex((answer) => {
    left -= JSON.stringify(answer).length;
    return left < 0;
  });
  return answers.slice(tooOld + 1);
}
