import { expect, test } from 'vitest';

import { placesIn } from '../../src/ask/inWords';
import { resolve, unnamedEvidence } from '../../src/ask/resolve';
import { answer, place, span, trace } from './samples';

test.each([
  ['at shop/core.py:11 and', 'shop/core.py', 11, 'shop/core.py:11'],
  ['`shop/core.py:16-20`: class', 'shop/core.py', 16, 'shop/core.py:16-20'],
  ['`core.py`:7.', 'core.py', 7, 'core.py:7'],
  ['core.py#L7-L9', 'core.py', 7, 'core.py#L7-L9'],
  ['in core.py, line 12', 'core.py', 12, 'core.py, line 12'],
  ['on lines 12 to 14 of `core.py`', 'core.py', 12, 'lines 12 to 14 of core.py'],
  ['[the class](shop/core.py:11)', 'shop/core.py', 11, 'the class'],
  ['.\\shop\\core.py:3', 'shop/core.py', 3, '.\\shop\\core.py:3'],
])('%j names a place', (text, path, line, label) => {
  expect(placesIn(text)).toMatchObject([{ path, line, label, unverified: false }]);
});

test('the mark of a place that could not be checked belongs to it', () => {
  const [found] = placesIn('It is at `a.py:400` (unverified).');
  expect(found).toMatchObject({ label: 'a.py:400', unverified: true, start: 9, end: 32 });
});

test('several places are found in order, none twice', () => {
  const text = '- `a.py:1`: class `A`\n- `b.py:2`: class `B`, as in c.py, line 3';
  expect(placesIn(text).map(({ label }) => label)).toEqual(['a.py:1', 'b.py:2', 'c.py, line 3']);
});

test('a place in words is the checked one with its line, also where folders are left out', () => {
  const whole = answer({
    citations: [place('shop/core.py:11'), place('shop/core.py:400', '', false)],
    evidence: [place('shop/till.py:4')],
    trace: trace([span('search', 1, { locations: [place('web/basket.ts:7')] })], 10),
  });
  expect(resolve(whole, { path: 'core.py', line: 11 })).toMatchObject({ list: 'citations', index: 0 });
  expect(resolve(whole, { path: 'project/shop/till.py', line: 4 })).toMatchObject({ list: 'evidence', index: 0 });
  expect(resolve(whole, { path: 'web/basket.ts', line: 7 })).toMatchObject({ list: 0, index: 0 });
  expect(resolve(whole, { path: 'ore.py', line: 11 })).toBeUndefined();
  expect(resolve(whole, { path: 'core.py', line: 12 })).toBeUndefined();
});

test('evidence that the words name is not listed below them', () => {
  const whole = answer({ evidence: [place('a.py:1'), place('b.py:2')] });
  expect(unnamedEvidence(whole, placesIn('See `a.py:1`.'))).toMatchObject([{ index: 1 }]);
});
