import { expect, test, vi } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver-protocol';

import { createParticipant } from '../src/chat/participant';
import type { Parts } from '../src/parts';
import type { AskParams, AskPart, AskResult } from '../src/protocol';
import { ServerConnection } from '../src/server/connection';
import { Failure, asFailure } from '../src/server/failure';
import { result } from './ask/samples';

type Handler = (request: unknown, context: unknown, stream: unknown, token: unknown) => Promise<unknown>;

const editor = vi.hoisted(() => ({ handler: undefined as Handler | undefined }));

vi.mock('vscode', () => ({
  Location: vi.fn(),
  ThemeIcon: vi.fn(),
  Uri: vi.fn(),
  chat: {
    createChatParticipant: (_id: string, handler: Handler) => {
      editor.handler = handler;
      return {};
    },
  },
}));

/** A stream as VS Code's is: once its request was cancelled, it takes nothing more. */
class Stream {
  readonly written: string[] = [];

  constructor(private readonly source: CancellationTokenSource) {}

  readonly markdown = (text: string): void => {
    this.#take(text);
  };
  readonly progress = (text: string): void => {
    this.#take(`… ${text}`);
  };
  readonly button = ({ title }: { readonly title: string }): void => {
    this.#take(`[${title}]`);
  };

  #take(text: string): void {
    if (this.source.token.isCancellationRequested) {
      throw new Error('Response stream has been closed');
    }
    this.written.push(text);
  }
}

/** A question in a chat whose last answer of ours was of the conversation `before`, to a server that the test plays. */
function asked() {
  const source = new CancellationTokenSource();
  const stream = new Stream(source);
  const logged: Failure[] = [];
  let hear!: (part: AskPart) => void;
  let answer!: (result: AskResult) => void;
  let fail!: (error: unknown) => void;
  let sent!: AskParams;
  const channel = {
    request: (_method: string, params: unknown) =>
      new Promise((resolve, reject) => {
        sent = params as AskParams;
        [answer, fail] = [resolve, reject];
      }),
    onProgress: (_token: string, handler: (value: never) => void) => {
      hear = handler as typeof hear;
      return { dispose: () => undefined };
    },
  };
  createParticipant({
    connection: new ServerConnection({ running: channel, ready: () => Promise.resolve(channel) }),
    failures: {
      log: (error: unknown) => {
        const failure = asFailure(error);
        logged.push(failure);
        return failure;
      },
    },
  } as unknown as Parts);
  const before = { participant: 'inglenook.codebase', result: { metadata: { conversationId: 'before' } } };
  const request = { prompt: 'Which?', references: [] };
  const ended = editor.handler?.(request, { history: [before] }, stream, source.token);
  return { source, stream, logged, ended, hear, answer, fail, sent };
}

test('an answer goes on with the conversation of the chat, and says which it is', async () => {
  const { stream, ended, hear, answer, sent } = asked();
  expect(sent).toMatchObject({ question: 'Which?', conversationId: 'before' });
  hear({ kind: 'text', delta: 'There are two.' });
  answer(result('There are two.', { conversationId: 'after' }));
  expect(await ended).toEqual({ metadata: { conversationId: 'after' } });
  expect(stream.written).toEqual(['There are two.']);
});

test('a cancelled answer writes nothing more, is no error, and the conversation can go on', async () => {
  const { source, stream, logged, ended, hear, fail } = asked();
  hear({ kind: 'text', delta: 'There ' });
  hear({ kind: 'text', delta: 'are' });
  source.cancel();
  hear({ kind: 'text', delta: ' two' });
  hear({ kind: 'reset' });
  fail(new Failure('cancelled', 'The request was cancelled.', ''));
  expect(await ended).toEqual({ metadata: { conversationId: 'before' } });
  expect(stream.written).toEqual(['There ']);
  expect(logged).toMatchObject([{ isCancellation: true }]);
});

test('a server that ends while its answer is being cancelled is no error to the person who did not wait', async () => {
  const { source, stream, ended, fail } = asked();
  source.cancel();
  fail(new Failure('serverEnded', 'The language server ended before it answered.', 'Try again.'));
  expect(await ended).toEqual({ metadata: { conversationId: 'before' } });
  expect(stream.written).toEqual([]);
});

test('a failure keeps what was written, and says what mends it', async () => {
  const { stream, ended, hear, fail } = asked();
  hear({ kind: 'text', delta: 'There are' });
  fail(new Failure('endpoint', 'The endpoint does not answer.', 'Check it.'));
  expect(await ended).toEqual({
    metadata: { conversationId: 'before' },
    errorDetails: { message: 'The endpoint does not answer. Check it.' },
  });
  expect(stream.written).toEqual(['There are', '[Open Settings]']);
});
