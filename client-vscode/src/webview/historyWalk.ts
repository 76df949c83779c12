/** A walk through earlier questions, from the one that is being written. */
export interface HistoryWalk {
  /** How far back; 0 is the one that is being written. */
  readonly back: number;
  /** What was being written. */
  readonly draft: string;
}

/** Where every walk begins. */
export const HERE: HistoryWalk = { back: 0, draft: '' };

/** One question further back, and its text; undefined where there is none. */
export function older(
  walk: HistoryWalk,
  questions: readonly string[],
  text: string,
): readonly [HistoryWalk, string] | undefined {
  const back = walk.back + 1;
  const question = questions.at(-back);
  return question === undefined ? undefined : [{ back, draft: walk.back === 0 ? text : walk.draft }, question];
}

/** One question further on, at last what was being written; undefined at the end. */
export function newer(walk: HistoryWalk, questions: readonly string[]): readonly [HistoryWalk, string] | undefined {
  if (walk.back === 0) {
    return undefined;
  }
  const back = walk.back - 1;
  return back === 0 ? [HERE, walk.draft] : [{ ...walk, back }, questions.at(-back) ?? ''];
}
