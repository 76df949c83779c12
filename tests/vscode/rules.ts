import type { Rule } from './model.ts';

/** A question about the sample workspace that the rules below answer. */
export const PROTOCOLS = 'Which protocols are there?';

/** What the model says of them: one place that is there, and one that is not. */
export const ANSWER = 'There are two: `Closable` at shop/core.py:11 and `Openable` at shop/core.py:400.';

/** Looks the protocols up, then speaks; slowly where a test wants to see it. */
export function protocolRules(secondsPerToken = 0): readonly Rule[] {
  return [
    { when: '2 symbols', say: ANSWER, secondsPerToken },
    { when: 'protocols', call: { name: 'symbols', arguments: { kind: 'class', inherits: 'Protocol' } } },
  ];
}
