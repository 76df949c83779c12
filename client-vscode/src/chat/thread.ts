/** What a chat keeps of one of our answers, for the question that follows. */
export interface AnswerMetadata {
  readonly conversationId: string;
}

/** A turn of a chat, of which only ours have a result with metadata. */
interface Turn {
  readonly participant: string;
  readonly result?: { readonly metadata?: Readonly<Record<string, unknown>> };
}

/** The conversation that a chat's last answer of ours belongs to; each chat has its own. */
export function conversationOf(history: readonly Turn[], participant: string): string | undefined {
  const last = history.findLast((turn) => turn.participant === participant && turn.result !== undefined);
  const id = last?.result?.metadata?.['conversationId' satisfies keyof AnswerMetadata];
  return typeof id === 'string' ? id : undefined;
}
