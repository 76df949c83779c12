import { expect, test } from 'vitest';

import { Emitter } from '../src/emitter';
import type { ServerControl } from '../src/parts';
import type { StatusParams } from '../src/protocol';
import type { ServerState } from '../src/server/state';
import { LastStatus } from '../src/status/feed';

const READY: StatusParams = {
  engine: { state: 'ready', queued: 0 },
  index: { state: 'ready', files: 1, stale: 0 },
};

function stage() {
  const states = new Emitter<ServerState>();
  const status = new LastStatus();
  status.follow({ onDidChangeState: states.event } as ServerControl);
  return { states, status };
}

test('what a server says while it starts is kept when it runs', () => {
  const { states, status } = stage();
  states.fire({ kind: 'starting', slow: false });
  status.take(READY);
  states.fire({ kind: 'starting', slow: true });
  states.fire({ kind: 'running' });
  expect(status.current).toBe(READY);
});

test.each<ServerState>([
  { kind: 'starting', slow: false },
  { kind: 'waiting', delayMs: 1000, reason: '' },
  { kind: 'stopped' },
])('nothing of it is left when another begins: %o', (state) => {
  const { states, status } = stage();
  const heard: (StatusParams | undefined)[] = [];
  status.onDidChange((params) => heard.push(params));
  status.take(READY);
  states.fire(state);
  expect(heard).toEqual([READY, undefined]);
});
