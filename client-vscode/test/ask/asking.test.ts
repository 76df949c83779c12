import { expect, test } from 'vitest';

import { Asking, type Change } from '../../src/ask/asking';
import { type Answer, MOST_ANSWERS, begun } from '../../src/ask/conversation';
import type { AskParams, AskPart, AskResult, ExplainResult } from '../../src/protocol';
import type { Listener } from '../../src/server/connection';
import { asFailure } from '../../src/server/failure';
import { result, span } from './samples';

/** A request that the test answers. */
interface Request {
  readonly params: AskParams;
  readonly listener: Listener<AskPart>;
  readonly cancelled: () => boolean;
  readonly answer: (result: AskResult) => void;
  readonly fail: (error: unknown) => void;
}

function stage(before?: readonly Answer[]) {
  const requests: Request[] = [];
  const changes: Change[] = [];
  const explanations: unknown[] = [];
  const explained: unknown[] = [];
  const asking = new Asking(
    {
      explain: (params, listener) => {
        explanations.push(params);
        listener?.onPart?.({ kind: 'text', delta: 'What a customer' });
        return Promise.resolve(EXPLANATION);
      },
      ask: (params, listener = {}, token) =>
        new Promise((answer, fail) => {
          requests.push({ params, listener, cancelled: () => token?.isCancellationRequested ?? false, answer, fail });
        }),
    },
    (error) => {
      explained.push(error);
      return { sentence: asFailure(error).message, hint: '' };
    },
    before,
  );
  asking.onDidChange((change) => changes.push(change));
  const request = (at = -1): Request => {
    const found = requests.at(at);
    if (found === undefined) {
      throw new Error('Nothing was asked.');
    }
    return found;
  };
  const last = (): Answer | undefined => asking.answers.at(-1);
  return { asking, requests, explanations, explained, request, changes, last };
}

const BASKET = { textDocument: { uri: 'file:///shop/core.py' }, position: { line: 3, character: 6 } };
const EXPLANATION: ExplainResult = {
  markdown: 'What a customer wants.',
  cached: false,
  citations: [],
  trace: result('').trace,
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an answer grows by its parts, and ends as the result says', async () => {
  const { asking, request, last } = stage();
  asking.ask({ text: 'Which?' });
  const { listener, answer } = request();
  listener.onProgress?.({ message: 'Reading', percent: 40 });
  expect(last()).toMatchObject({ state: 'running', step: { message: 'Reading', percent: 40 } });
  listener.onPart?.({ kind: 'span', span: span('prefill', 10) });
  listener.onPart?.({ kind: 'text', delta: 'There ' });
  listener.onPart?.({ kind: 'text', delta: 'are' });
  expect(last()).toMatchObject({ state: 'running', text: 'There are', step: {} });
  answer(result('There are two.'));
  await settled();
  expect(last()).toMatchObject({ state: 'answered', text: 'There are two.', outcome: 'answered' });
  expect(asking.busy).toBe(false);
});

test('words that became a call are withdrawn with their places, and the steps stay', () => {
  const { asking, request, last } = stage();
  asking.ask({ text: 'Which?' });
  const { listener } = request();
  listener.onPart?.({ kind: 'span', span: span('lookup', 1) });
  listener.onPart?.({ kind: 'text', delta: 'I look' });
  listener.onPart?.({ kind: 'reset' });
  expect(last()).toMatchObject({ text: '', citations: [], spans: [{ name: 'lookup' }] });
});

test('a follow-up goes on with the conversation; one asked meanwhile waits for its turn', async () => {
  const { asking, requests, request, last } = stage();
  asking.ask({ text: 'First?' });
  asking.ask({ text: 'Second?' });
  expect(requests).toHaveLength(1);
  expect(last()?.state).toBe('waiting');
  request().answer(result('One.'));
  await settled();
  expect(requests).toHaveLength(2);
  expect(request().params).toEqual({ question: 'Second?', conversationId: 'one' });
});

test('a selection is sent with its question alone', async () => {
  const { asking, request } = stage();
  const context = { textDocument: { uri: 'file:///w/a.py' } };
  asking.ask({ text: 'What?', about: { context, label: 'a.py' } });
  expect(request().params).toEqual({ question: 'What?', context });
  request().answer(result('This.'));
  await settled();
  asking.ask({ text: 'And?' });
  expect(request().params).toEqual({ question: 'And?', conversationId: 'one' });
});

test('a stopped answer keeps what it has, hears no more, and the next question is asked at once', async () => {
  const { asking, requests, request } = stage();
  asking.ask({ text: 'First?' });
  const first = request();
  first.listener.onPart?.({ kind: 'text', delta: 'There' });
  asking.stop();
  expect(first.cancelled()).toBe(true);
  asking.ask({ text: 'Second?' });
  expect(requests).toHaveLength(2);
  first.listener.onPart?.({ kind: 'text', delta: ' are' });
  first.fail(new Error('cancelled'));
  await settled();
  expect(asking.answers).toMatchObject([
    { state: 'stopped', text: 'There' },
    { state: 'running', text: '' },
  ]);
});

test('a failure stands in the place of the answer, and the question can be asked again there', async () => {
  const { asking, request, last } = stage();
  asking.ask({ text: 'Which?' });
  request().fail(new Error('No model.'));
  await settled();
  expect(last()).toMatchObject({ state: 'failed', mishap: { sentence: 'No model.' }, question: { text: 'Which?' } });
  asking.retry(1);
  expect(asking.answers).toMatchObject([{ id: 1, state: 'running', text: '' }]);
});

test('asking the only question again begins a new conversation; an earlier one is asked at the end', async () => {
  const { asking, request } = stage();
  asking.ask({ text: 'First?' });
  request().answer(result('One.'));
  await settled();
  asking.retry(1);
  expect(request().params).toEqual({ question: 'First?' });
  request().answer(result('One.'));
  await settled();
  asking.ask({ text: 'Second?' });
  request().answer(result('Two.'));
  await settled();
  asking.retry(1);
  expect(asking.answers.map(({ question }) => question.text)).toEqual(['First?', 'Second?', 'First?']);
});

test('a conversation that the server has forgotten is said to be', async () => {
  const { asking, request, last } = stage();
  asking.ask({ text: 'First?' });
  request().answer(result('One.'));
  await settled();
  asking.ask({ text: 'Second?' });
  request().answer(result('Two.', { conversationId: 'two' }));
  await settled();
  expect(asking.answers[0]?.forgotten).toBe(false);
  expect(last()?.forgotten).toBe(true);
});

test('a conversation of an earlier window is shown, and what follows says that the model never heard it', async () => {
  const before = { ...begun(7, { text: 'First?' }), state: 'answered' } as const;
  const { asking, request, last } = stage([before]);
  asking.ask({ text: 'Second?' });
  expect(asking.answers[0]).toBe(before);
  expect(last()).toMatchObject({ id: 8, state: 'running', forgotten: true });
  request().answer(result('Two.', { conversationId: 'one' }));
  await settled();
  expect(last()).toMatchObject({ state: 'answered', forgotten: true });
  asking.ask({ text: 'Third?' });
  expect(request().params.conversationId).toBe('one');
  expect(last()?.forgotten).toBe(false);
});

test('a new conversation is empty, and ends what runs', () => {
  const { asking, request, changes } = stage();
  asking.ask({ text: 'First?' });
  const { cancelled } = request();
  asking.clear();
  expect(cancelled()).toBe(true);
  expect(asking.answers).toEqual([]);
  expect(changes.at(-1)).toEqual({ kind: 'cleared' });
  asking.ask({ text: 'Second?' });
  expect(request().params).toEqual({ question: 'Second?' });
});

test('of very many answers the oldest are not kept', async () => {
  const { asking, request } = stage();
  for (let number = 0; number < MOST_ANSWERS + 5; number += 1) {
    asking.ask({ text: `Question ${number}?` });
    request().answer(result('Yes.'));
    await settled();
  }
  expect(asking.answers).toHaveLength(MOST_ANSWERS);
  expect(asking.answers[0]?.question.text).toBe('Question 5?');
});

test('a question that was left out while it was answered lets the next one be asked', async () => {
  const { asking, requests, request } = stage();
  for (let number = 0; number <= MOST_ANSWERS; number += 1) {
    asking.ask({ text: `Question ${number}?` });
  }
  expect(asking.find(1)).toBeUndefined();
  request().answer(result('Yes.'));
  await settled();
  expect(requests).toHaveLength(2);
  expect(request().params).toMatchObject({ question: 'Question 1?' });
});

test('what an abandoned request still fails with is neither told nor logged', async () => {
  const { asking, request, explained } = stage();
  asking.ask({ text: 'Which?' });
  asking.dispose();
  request().fail(new Error('The connection is closed.'));
  await settled();
  expect(explained).toEqual([]);
});

test('an explanation is an answer of its own; asked again it is made anew', async () => {
  const { asking, requests, explanations, request, changes, last } = stage();
  asking.ask({ text: 'Explain Basket', explain: BASKET });
  await settled();
  expect(changes.some((change) => change.kind === 'part')).toBe(true);
  expect(last()).toMatchObject({ state: 'answered', text: 'What a customer wants.', outcome: 'answered' });
  asking.retry(1);
  expect(explanations).toEqual([BASKET, { ...BASKET, refresh: true }]);
  await settled();
  asking.ask({ text: 'Why?' });
  expect(requests).toHaveLength(1);
  expect(request().params).toEqual({ question: 'Why?' });
});
