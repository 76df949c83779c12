import { expect, test } from 'vitest';

import { slowness } from '../../src/ask/slowness';
import { duration, timingLine } from '../../src/ask/timing';
import { span, trace } from './samples';

const ROUND = [span('lookup', 20), span('prefill', 900), span('decode', 1000), span('symbols', 4)];

test.each([
  [
    'a model that was not in memory',
    trace([...ROUND, span('load', 9000)], 11_000),
    '9.0 s of 11.0 s went into loading the model into memory: it was not there yet.',
  ],
  [
    'a queue',
    trace([...ROUND, span('queue', 6000)], 8000),
    '6.0 s of 8.0 s went into waiting in the queue: the model was busy with another request.',
  ],
  [
    'a prompt that was not cached',
    trace([span('prefill', 30_000), span('decode', 900)], 31_000, { promptTokens: 2000, cachedTokens: 160 }),
    '30.0 s of 31.0 s went into reading 1,840 tokens of prompt: only 8 % of it was held from before.',
  ],
  [
    'many words',
    trace([span('prefill', 900), span('decode', 20_000)], 21_000, { outputTokens: 208 }),
    '20.0 s of 21.0 s went into writing 208 tokens, at 10.4 tokens a second.',
  ],
  [
    'a slow tool',
    trace([...ROUND, span('search', 7000)], 9000),
    /^7\.0 s of 9\.0 s went into 2 calls of tools, the slowest being search with 7\.0 s\.$/,
  ],
  ['one slow tool', trace([span('run_command', 7000)], 7100), '7.0 s of 7.1 s went into one call of run_command.'],
  ['time between the steps', trace([span('decode', 100)], 9000), '8.9 s of 9.0 s went into what no step accounts for.'],
  ['nothing', trace(ROUND, 1924), 'It was not slow: of 1.9 s, 1.0 s went into writing 20 tokens.'],
])('%s is told in one sentence', (_what, slow, sentence) => {
  expect(slowness(slow)).toMatch(sentence);
});

test('the line below an answer counts tools, not steps', () => {
  expect(timingLine(trace(ROUND, 3000))).toBe('3.0 s · 1 tool · 96 % cached · 10 tok/s');
  expect(timingLine(trace([], 40, { promptTokens: 0, decodeTokensPerSecond: 0 }))).toBe('0.0 s · 0 tools');
});

test.each([
  [0.42, '0.4 ms'],
  [34.4, '34 ms'],
  [999.7, '1.0 s'],
  [1850, '1.9 s'],
  [59_970, '1 min 0 s'],
  [125_000, '2 min 5 s'],
])('%d ms read well', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
