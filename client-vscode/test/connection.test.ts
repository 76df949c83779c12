import { expect, test } from 'vitest';
import { CancellationTokenSource, LSPErrorCodes, ResponseError } from 'vscode-languageserver-protocol';

import type { AskPart } from '../src/protocol';
import { type Channel, type Progress, ServerConnection } from '../src/server/connection';
import { Failure } from '../src/server/failure';

interface Sent {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A channel whose server answers as `answer` says, and can send progress meanwhile. */
function channel(answer: (sent: Sent, progress: (token: unknown, value: unknown) => void) => unknown) {
  const sent: Sent[] = [];
  const handlers = new Map<unknown, (value: never) => void>();
  const opened: Channel = {
    request: async (method, params) => {
      const request = { method, params: params as Sent['params'] };
      sent.push(request);
      return Promise.resolve(answer(request, (token, value) => handlers.get(token)?.(value as never)));
    },
    onProgress: (token, handler) => {
      handlers.set(token, handler);
      return { dispose: () => handlers.delete(token) };
    },
  };
  return {
    connection: new ServerConnection({ running: opened, ready: () => Promise.resolve(opened) }),
    opened,
    sent,
    handlers,
  };
}

test('parts and progress reach their listener, and nothing is listened to afterwards', async () => {
  const { connection, handlers } = channel(({ params }, progress) => {
    progress(params['partialResultToken'], { kind: 'text', delta: 'Yes' });
    progress(params['workDoneToken'], { kind: 'begin', title: 'Ask' });
    progress(params['workDoneToken'], { kind: 'report', message: 'reading', percentage: 40 });
    progress(params['workDoneToken'], { kind: 'end', message: '1 s' });
    return { answer: 'Yes' };
  });
  const parts: AskPart[] = [];
  const heard: Progress[] = [];
  const result = await connection.ask(
    { question: 'Is it?' },
    { onPart: (part) => parts.push(part), onProgress: (progress) => heard.push(progress) },
  );
  expect(result).toEqual({ answer: 'Yes' });
  expect(parts).toEqual([{ kind: 'text', delta: 'Yes' }]);
  expect(heard).toEqual([{}, { message: 'reading', percent: 40 }]);
  expect(handlers.size).toBe(0);
});

test('each running request has tokens of its own, and only those that someone listens to', async () => {
  const { connection, sent } = channel(() => ({ hits: [] }));
  await connection.search({ query: 'a' }, { onPart: () => undefined });
  await connection.search({ query: 'b' });
  await connection.search({ query: 'c' }, { onPart: () => undefined });
  const tokens = sent.map(({ params }) => params['partialResultToken']);
  expect(tokens[1]).toBeUndefined();
  expect(new Set(tokens).size).toBe(3);
  expect(sent.every(({ params }) => params['workDoneToken'] === undefined)).toBe(true);
});

test('an error of the server is a failure with its kind, sentence and hint', async () => {
  const { connection } = channel(() => {
    throw new ResponseError(1010, 'No model has been built yet.', { kind: 'modelMissing', hint: 'Build one.' });
  });
  await expect(connection.ask({ question: 'Is it?' })).rejects.toEqual(
    new Failure('modelMissing', 'No model has been built yet.', 'Build one.'),
  );
});

test('a request that the server cancelled is a cancellation', async () => {
  const { connection } = channel(() => {
    throw new ResponseError(LSPErrorCodes.RequestCancelled, 'Request got cancelled');
  });
  await expect(connection.ask({ question: 'Is it?' })).rejects.toMatchObject({ isCancellation: true });
});

test('a request says that it waits for a server that starts, and then goes its way', async () => {
  const { opened } = channel(({ params }, progress) => {
    progress(params['workDoneToken'], { kind: 'begin', title: 'Ask' });
    return { answer: 'Yes' };
  });
  const connection = new ServerConnection({ running: undefined, ready: () => Promise.resolve(opened) });
  const heard: Progress[] = [];
  await connection.ask({ question: 'Is it?' }, { onProgress: (progress) => heard.push(progress) });
  expect(heard).toEqual([{ message: 'Waiting for the language server' }, {}]);
});

test('a request can be cancelled while it waits for the server', async () => {
  const connection = new ServerConnection({ running: undefined, ready: () => new Promise(() => undefined) });
  const source = new CancellationTokenSource();
  const asked = connection.search({ query: 'a' }, {}, source.token);
  source.cancel();
  await expect(asked).rejects.toMatchObject({ kind: 'cancelled', isCancellation: true });
});

test('why no server comes is what the request is told', async () => {
  const failure = new Failure('needsSetUp', 'Nothing is installed.', '');
  const connection = new ServerConnection({ running: undefined, ready: () => Promise.reject(failure) });
  await expect(connection.clearTrace()).rejects.toBe(failure);
});
