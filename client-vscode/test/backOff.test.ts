import { expect, test } from 'vitest';

import { BackOff } from '../src/server/backOff';

test('five crashes in a row are forgiven, each after twice the wait of the one before; the sixth is not', () => {
  const backOff = new BackOff();
  const waits = [0, 1, 2, 3, 4, 5].map((second) => backOff.afterCrash(second * 1000));
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, undefined]);
});

test('a crash is forgotten after three minutes', () => {
  const backOff = new BackOff();
  backOff.afterCrash(0);
  backOff.afterCrash(179_000);
  expect(backOff.afterCrash(180_000)).toBe(2000);
});

test('a reset forgets every crash', () => {
  const backOff = new BackOff();
  backOff.afterCrash(0);
  backOff.reset();
  expect(backOff.afterCrash(1)).toBe(1000);
});
