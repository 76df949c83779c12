import { expect, test } from 'vitest';

import { Emitter } from '../src/emitter';
import type { ServerState } from '../src/server/state';
import { followTrust } from '../src/server/trust';

function stage() {
  const states = new Emitter<ServerState>();
  const grants = new Emitter<void>();
  const told: boolean[] = [];
  const failed: unknown[] = [];
  const answer = { with: Promise.resolve() };
  const one = {
    tellTrust: (trusted: boolean): Promise<void> => {
      told.push(trusted);
      return answer.with;
    },
  };
  const server = { onDidChangeState: states.event, running: undefined as typeof one | undefined };
  const subscriptions = followTrust(server, { trusted: false, onDidGrant: grants.event }, (error) =>
    failed.push(error),
  );
  const runs = (): void => {
    server.running = one;
    states.fire({ kind: 'running' });
  };
  return { grants, told, failed, answer, runs, subscriptions };
}

test('a server that runs is told of trust when it is granted, and not before', () => {
  const { grants, told, runs } = stage();
  runs();
  expect(told).toEqual([]);
  grants.fire();
  expect(told).toEqual([true]);
});

test('a server that is starting when trust is granted is told once it runs', () => {
  const { grants, told, runs } = stage();
  grants.fire();
  expect(told).toEqual([]);
  runs();
  expect(told).toEqual([true]);
});

test('a server that cannot be told is a failure for the log', async () => {
  const { grants, failed, answer, runs } = stage();
  const gone = new Error('It has ended.');
  answer.with = Promise.reject(gone);
  runs();
  grants.fire();
  await Promise.allSettled([answer.with]);
  expect(failed).toEqual([gone]);
});

test('nothing is told after the end', () => {
  const { grants, told, runs, subscriptions } = stage();
  subscriptions.forEach((subscription) => subscription.dispose());
  grants.fire();
  runs();
  expect(told).toEqual([]);
});
