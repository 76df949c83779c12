import { expect, test } from 'vitest';

import { SHOWN_WHOLE, placeAt, shown } from '../../src/ask/conversation';
import { answerDocument } from '../../src/ask/document';
import { mishapOf } from '../../src/ask/mishap';
import { noticesOf } from '../../src/ask/notice';
import { whereNow } from '../../src/ask/whereNow';
import { COMMANDS } from '../../src/commands';
import type { EngineStatus, StatusParams } from '../../src/protocol';
import { Failure } from '../../src/server/failure';
import type { ServerState } from '../../src/server/state';
import { answer, place, span, trace } from './samples';

const RUNNING: ServerState = { kind: 'running' };
const status = (engine: Partial<EngineStatus>): StatusParams => ({
  engine: { state: 'ready', queued: 0, ...engine },
  index: { state: 'ready', files: 1, stale: 0 },
});

test('a place that moved with its line is found again', () => {
  const cited = place('a.py:2', 'class B:');
  expect(whereNow(['x', '  class B:'], cited)).toEqual({ first: 1, last: 1, how: 'there' });
  expect(whereNow(['', '', '', 'class B:', 'class B:'], cited)).toEqual({ first: 3, last: 3, how: 'moved' });
  expect(whereNow(['x', 'y', 'z'], cited)).toEqual({ first: 1, last: 1, how: 'changed' });
  expect(whereNow(['x'], place('a.py:7'))).toEqual({ first: 0, last: 0, how: 'changed' });
});

test('a place is found in the words, the evidence and the steps', () => {
  const [cited, row, touched] = [place('a.py:1'), place('b.py:2'), place('c.py:3')];
  const whole = answer({
    citations: [cited],
    evidence: [row],
    trace: trace([span('search', 1, { locations: [touched] })], 10),
  });
  expect([placeAt(whole, 'citations', 0), placeAt(whole, 'evidence', 0), placeAt(whole, 0, 0)]).toEqual([
    cited,
    row,
    touched,
  ]);
  expect(placeAt(whole, 3, 0)).toBeUndefined();
});

test('old answers are shown as their questions, until they are opened', () => {
  const answers = Array.from({ length: SHOWN_WHOLE + 3 }, (_, id) => answer({ id }));
  const states = shown(answers, new Set([1])).map(({ state }) => state);
  expect(states.slice(0, 4)).toEqual(['folded', 'answered', 'folded', 'answered']);
  expect(shown([answer({ state: 'running' }), ...answers], new Set())[0]?.state).toBe('running');
});

test('an answer is a document of its own', () => {
  const text = answerDocument(
    answer({
      text: 'There are two.\n',
      evidence: [place('a.py:1', 'x = `y`')],
      trace: trace([span('search', 4)], 3000),
    }),
  );
  expect(text).toBe(
    '# Which protocols are there?\n\nThere are two.\n\n## Evidence\n\n- `a.py:1`: `` x = `y` ``\n\n---\n\n' +
      'scripted · 3.0 s · 1 tool · 96 % cached · 10 tok/s\n',
  );
});

test('a failure has one action that mends it; where only the log would help, asking again does', () => {
  expect(mishapOf(new Failure('modelMissing', 'No model.', 'Run `inglenook model build`.'))).toMatchObject({
    sentence: 'No model.',
    hint: '',
    mend: { title: 'Set Up Model' },
  });
  expect(mishapOf(new Failure('engineDied', 'It ended.', 'Ask again.'))).toEqual({
    sentence: 'It ended.',
    hint: 'Ask again.',
  });
});

test('a model whose process ends twice in a row is most likely too large', () => {
  const died = new Failure('engineDied', 'It ended.', 'Ask again.');
  expect(mishapOf(died, new Failure('endpoint', 'It is gone.', ''))).toEqual({
    sentence: 'It ended.',
    hint: 'Ask again.',
  });
  expect(mishapOf(died, died)).toMatchObject({
    sentence: 'It ended.',
    hint: expect.stringContaining('Choose a smaller model, or use an endpoint.') as unknown,
    mend: { title: 'Select Model' },
  });
});

test('nothing is said of an engine that answers, whether it is in memory or not', () => {
  for (const state of ['ready', 'busy', 'unloaded'] as const) {
    expect(noticesOf(RUNNING, status({ state }), true)).toEqual([]);
  }
  expect(noticesOf({ kind: 'stopped' }, undefined, true)).toEqual([]);
  expect(noticesOf({ kind: 'starting', slow: false }, undefined, true)).toEqual([]);
});

test('an engine that does not answer yet is a quiet line, with what mends it', () => {
  expect(noticesOf(RUNNING, status({ state: 'loading', percent: 40 }), true)).toEqual([
    { severity: 'busy', text: 'The model is being loaded: 40 %' },
  ]);
  expect(noticesOf(RUNNING, status({ state: 'notSetUp', message: 'No model.' }), true)).toMatchObject([
    { severity: 'warning', text: 'No model.', action: { title: 'Set Up Model' } },
  ]);
  const failure = new Failure('serverUnavailable', 'Gone.', '');
  expect(noticesOf({ kind: 'failed', failure }, undefined, true)).toMatchObject([
    { severity: 'error', text: 'Gone.', action: { title: 'Restart Server' } },
  ]);
});

test('a server that is slow to start is said to be, with its log', () => {
  expect(noticesOf({ kind: 'starting', slow: true }, undefined, true)).toEqual([
    {
      severity: 'busy',
      text: 'The language server is still starting. It is slow today; its log may say why.',
      action: { title: 'Show Log', command: COMMANDS.showLog },
    },
  ]);
});

test('Restricted Mode says what does not work and who mends it, whatever the engine does, until trust is granted', () => {
  const restricted = {
    severity: 'information',
    text:
      'Restricted Mode: search, hover cards and questions work; no command is run, and nothing outside the open ' +
      'folders is read.',
    action: { title: 'Manage Workspace Trust', command: 'workbench.trust.manage' },
  };
  expect(noticesOf(RUNNING, status({}), false)).toEqual([restricted]);
  expect(noticesOf(RUNNING, status({ state: 'loading' }), false)).toEqual([
    { severity: 'busy', text: 'The model is being loaded.' },
    restricted,
  ]);
  expect(noticesOf(RUNNING, status({}), true)).toEqual([]);
});
