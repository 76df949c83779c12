import { expect, test } from 'vitest';

import { HERE, newer, older } from '../../src/webview/historyWalk';

test('Up goes back through the questions, and Down comes back to what was being written', () => {
  const questions = ['One?', 'Two?'];
  const [first, two] = older(HERE, questions, 'dra') ?? [HERE, ''];
  const [second, one] = older(first, questions, two) ?? [HERE, ''];
  expect([two, one, older(second, questions, one)]).toEqual(['Two?', 'One?', undefined]);
  const [third, again] = newer(second, questions) ?? [HERE, ''];
  expect([again, newer(third, questions), newer(HERE, questions)]).toEqual(['Two?', [HERE, 'dra'], undefined]);
});
