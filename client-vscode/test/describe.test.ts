import { expect, test } from 'vitest';

import { COMMANDS, MANAGE_TRUST } from '../src/commands';
import type { EngineState, EngineStatus, IndexStatus, StatusParams } from '../src/protocol';
import { Failure } from '../src/server/failure';
import type { ServerState } from '../src/server/state';
import { describe as describeState, indexSummary } from '../src/status/describe';

const RUNNING: ServerState = { kind: 'running' };
const OFF: IndexStatus = { state: 'off', files: 0, stale: 0 };

function status(engine: Partial<EngineStatus> & { state: EngineState }, index: IndexStatus = OFF): StatusParams {
  return { engine: { queued: 0, ...engine }, index };
}

test.each<[Partial<EngineStatus> & { state: EngineState }, string, string, string]>([
  [{ state: 'notSetUp', message: 'No model has been built yet.' }, 'flame', 'Set Up', 'No model has been built yet.'],
  [{ state: 'unloaded' }, 'flame', '', 'The model is not in memory; the next question loads it.'],
  [{ state: 'starting' }, 'loading~spin', '', 'The model’s process is starting.'],
  [{ state: 'loading', percent: 43 }, 'loading~spin', '43 %', 'The model is being loaded.'],
  [{ state: 'ready' }, 'flame', '', 'Ready.'],
  [{ state: 'busy' }, 'loading~spin', '', 'At work.'],
  [{ state: 'busy', queued: 1 }, 'loading~spin', '+1', 'At work; 1 request waits.'],
  [{ state: 'busy', queued: 2 }, 'loading~spin', '+2', 'At work; 2 requests wait.'],
  [{ state: 'failed', message: 'Out of memory.' }, 'error', '', 'Out of memory.'],
])('the engine %o has an icon, a text and a sentence', (engine, icon, text, summary) => {
  expect(describeState(RUNNING, status(engine), true)).toMatchObject({ icon, text, summary });
});

test.each<[ServerState, string, string]>([
  [{ kind: 'stopped' }, 'flame', 'Not started: open a folder, or ask.'],
  [{ kind: 'needsSetUp', reason: 'Nothing is installed.' }, 'flame', 'Nothing is installed.'],
  [{ kind: 'starting', slow: false }, 'loading~spin', 'The language server is starting.'],
  [
    { kind: 'starting', slow: true },
    'loading~spin',
    'The language server is still starting. It is slow today; its log may say why.',
  ],
  [
    { kind: 'waiting', delayMs: 4000, reason: '' },
    'debug-restart',
    'The language server ended; it starts again in 4 s.',
  ],
  [{ kind: 'failed', failure: new Failure('serverUnavailable', 'It keeps ending.', '') }, 'error', 'It keeps ending.'],
])('the server %o has an icon and a sentence, whatever the engine last was', (server, icon, summary) => {
  expect(describeState(server, status({ state: 'ready' }), true)).toMatchObject({ icon, summary });
});

test('the tooltip has model, device, memory, queue and index', () => {
  const engine = { state: 'busy', model: 'Qwen', device: 'cpu', memoryBytes: 2_840_000_000, queued: 1 } as const;
  const index = { state: 'indexing', files: 1200, stale: 34, percent: 97 } as const;
  expect(describeState(RUNNING, status(engine, index), true).facts).toEqual([
    ['Model', 'Qwen'],
    ['Runs on', 'cpu'],
    ['Memory', '2.8 GB'],
    ['Queue', '1 request waits'],
    ['Index', '1,200 files, 34 to go · 97 %'],
  ]);
});

test('Restricted Mode is said', () => {
  const facts = describeState(RUNNING, status({ state: 'ready' }), false).facts;
  expect(facts.map(([name]) => name)).toEqual(['Restricted Mode']);
});

test('in Restricted Mode, and only there, trust can be managed', () => {
  const offers = (trusted: boolean): boolean =>
    describeState(RUNNING, status({ state: 'ready' }), trusted).actions.includes(MANAGE_TRUST);
  expect([offers(false), offers(true)]).toEqual([true, false]);
});

test('a slow start is said beside the icon, and its log is the first thing to look at', () => {
  const { text, actions } = describeState({ kind: 'starting', slow: true }, undefined, true);
  expect([text, actions[0]]).toEqual(['Starting', COMMANDS.showLog]);
});

test('what mends a state is offered first', () => {
  const first = (server: ServerState, params?: StatusParams): unknown => describeState(server, params, true).actions[0];
  expect(first({ kind: 'needsSetUp', reason: '' })).toBe(COMMANDS.setUp);
  expect(first(RUNNING, status({ state: 'notSetUp' }))).toBe(COMMANDS.setUp);
  expect(first(RUNNING, status({ state: 'failed' }))).toBe(COMMANDS.selectModel);
  expect(first(RUNNING, status({ state: 'busy' }))).toBe(COMMANDS.stop);
  expect(first(RUNNING, status({ state: 'ready' }))).toBe(COMMANDS.ask);
  expect(first({ kind: 'failed', failure: new Failure('serverUnavailable', '', '') })).toBe(COMMANDS.restartServer);
});

test('the index is counted, and says why there is none', () => {
  expect(indexSummary({ state: 'ready', files: 1, stale: 0 })).toBe('1 file');
  expect(indexSummary({ state: 'indexing', files: 1200, stale: 34 })).toBe('1,200 files, 34 to go');
  expect(indexSummary({ state: 'direct', files: 0, stale: 0, message: 'The cache folder is read only.' })).toBe(
    'The cache folder is read only.',
  );
});
