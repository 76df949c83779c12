import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import type { Launch, NeedsSetUp } from '../src/server/command';
import { Failure } from '../src/server/failure';
import { type Instance, ServerLife } from '../src/server/life';

const LAUNCH: Launch = { command: 'inglenook', args: ['serve'], env: {} };

/** A server that comes up, ends and refuses when it is told to. */
class Scripted implements Instance {
  stopped = false;
  up!: () => void;
  refuse!: (failure: Failure) => void;
  readonly #coming = new Promise<void>((resolve, reject) => {
    this.up = resolve;
    this.refuse = reject;
  });

  constructor(
    readonly launch: Launch,
    readonly end: (reason: string) => void,
  ) {}

  start(): Promise<void> {
    return this.#coming;
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }
}

function stage(resolve: () => Promise<Launch | NeedsSetUp> = () => Promise.resolve(LAUNCH)) {
  const servers: Scripted[] = [];
  const states: string[] = [];
  const life = new ServerLife({ resolve }, (launch, ended) => {
    const server = new Scripted(launch, ended);
    servers.push(server);
    return server;
  });
  life.onDidChangeState((state) => states.push(state.kind));
  const newest = (): Scripted => {
    const server = servers.at(-1);
    if (server === undefined) {
      throw new Error('No server was opened.');
    }
    return server;
  };
  return { life, servers, states, newest };
}

/** Lets everything happen that waits for nothing. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('a server that comes up runs, and whoever waited for it has it', async () => {
  const { life, newest, states } = stage();
  const ready = life.ready();
  await settle();
  newest().up();
  expect(await ready).toBe(newest());
  expect(states).toEqual(['starting', 'running']);
});

test('starting twice starts one server', async () => {
  const { life, servers } = stage();
  void life.start();
  void life.start();
  await settle();
  expect(servers).toHaveLength(1);
});

test('a slow start is told, and goes on', async () => {
  const { life, newest } = stage();
  void life.start();
  await vi.advanceTimersByTimeAsync(8000);
  expect(life.state).toEqual({ kind: 'starting', slow: true });
  newest().up();
  await settle();
  expect(life.state).toEqual({ kind: 'running' });
});

test('a server that ends by itself is started again after a second', async () => {
  const { life, servers, newest } = stage();
  void life.start();
  await settle();
  newest().up();
  await settle();
  newest().end('it was ended by SIGKILL.');
  expect(life.state).toEqual({ kind: 'waiting', delayMs: 1000, reason: 'it was ended by SIGKILL.' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(servers).toHaveLength(2);
  expect(life.state.kind).toBe('starting');
});

test('a server that keeps ending is given up, and every waiting request is told', async () => {
  const { life, servers, newest } = stage();
  const ready = expect(life.ready()).rejects.toMatchObject({ kind: 'serverUnavailable' });
  for (const delay of [1000, 2000, 4000, 8000, 16_000]) {
    await settle();
    newest().refuse(new Failure('serverEnded', 'it ended with exit code 1.', ''));
    await vi.advanceTimersByTimeAsync(delay);
  }
  newest().refuse(new Failure('serverEnded', 'it ended with exit code 1.', ''));
  await ready;
  expect(servers).toHaveLength(6);
  expect(life.state.kind).toBe('failed');
});

test('an end and a failed start of the same server count as one crash', async () => {
  const { life, newest } = stage();
  void life.start();
  await settle();
  newest().end('it ended with exit code 1.');
  newest().refuse(new Failure('serverEnded', 'it ended with exit code 1.', ''));
  await settle();
  expect(life.state).toMatchObject({ kind: 'waiting', delayMs: 1000 });
});

test('a program that cannot be started is not tried again', async () => {
  const { life, newest, servers } = stage();
  void life.start();
  await settle();
  newest().refuse(new Failure('serverUnavailable', 'There is no such file.', ''));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(servers).toHaveLength(1);
  expect(life.state).toMatchObject({ kind: 'failed', failure: { message: 'There is no such file.' } });
});

test('where nothing is set up a request is told so, and a later start finds the server', async () => {
  const answers: (Launch | NeedsSetUp)[] = [{ needsSetUp: 'Nothing is installed.' }, LAUNCH];
  const { life, newest } = stage(() => Promise.resolve(answers.shift() ?? LAUNCH));
  await expect(life.ready()).rejects.toMatchObject({ kind: 'needsSetUp', message: 'Nothing is installed.' });
  void life.start();
  await settle();
  newest().up();
  await settle();
  expect(life.state.kind).toBe('running');
});

test('a restart ends the server, and what the old one says is not heard', async () => {
  const { life, servers, newest } = stage();
  void life.start();
  await settle();
  const old = newest();
  old.up();
  await settle();
  void life.restart();
  await settle();
  expect(old.stopped).toBe(true);
  old.end('it ended with exit code 0.');
  newest().up();
  await settle();
  expect(life.state.kind).toBe('running');
  expect(servers).toHaveLength(2);
});

test('restarts at once become one', async () => {
  const { life, servers } = stage();
  void life.restart();
  void life.restart();
  void life.restart();
  await settle();
  expect(servers).toHaveLength(1);
});

test('a request that waits when the server is stopped is told so', async () => {
  const { life } = stage();
  const ready = expect(life.ready()).rejects.toMatchObject({ message: 'The language server was stopped.' });
  await settle();
  await life.stop();
  await ready;
});

test('a server that runs is not taken down by who fails to hear of it', async () => {
  const { life, newest } = stage();
  const rethrows: (() => void)[] = [];
  vi.stubGlobal('queueMicrotask', (rethrow: () => void) => rethrows.push(rethrow));
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  life.onDidChangeState(() => {
    throw new Error('The item is gone.');
  });
  void life.start();
  await settle();
  newest().up();
  await settle();
  expect(life.state.kind).toBe('running');
  expect(rethrows).toHaveLength(2); // it started, and runs
  expect(rethrows[0]).toThrow('The item is gone.');
});

test('nobody hears of a server that is disposed of, which ends', async () => {
  const { life, newest, states } = stage();
  void life.start();
  await settle();
  newest().up();
  await settle();
  life.dispose();
  await settle();
  expect(newest().stopped).toBe(true);
  expect(states).toEqual(['starting', 'running']);
});

test('a stopped server stays so', async () => {
  const { life, newest, servers } = stage();
  void life.start();
  await settle();
  newest().up();
  await life.stop();
  newest().end('it ended with exit code 0.');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(life.state.kind).toBe('stopped');
  expect(servers).toHaveLength(1);
});
