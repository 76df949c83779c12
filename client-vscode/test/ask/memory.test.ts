import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { begun } from '../../src/ask/conversation';
import { ConversationMemory } from '../../src/ask/memory';
import { place, span, trace } from './samples';

const FIRST = { ...begun(1, { text: 'First?' }), state: 'answered', text: 'One.' } as const;

function unexpected(error: unknown): void {
  expect.unreachable(String(error));
}

async function stage() {
  const folder = await mkdtemp(join(tmpdir(), 'nook-memory-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'storage', 'conversation.json');
  const failures: unknown[] = [];
  const open = () => new ConversationMemory(file, (error) => failures.push(error));
  return { folder, file, failures, open, memory: open() };
}

test('a workspace that was never asked about has an empty conversation', async () => {
  const { memory } = await stage();
  expect(memory.answers).toEqual([]);
});

test('without a folder for it nothing is kept, and nothing fails', async () => {
  const memory = new ConversationMemory(undefined, unexpected);
  await memory.keep([FIRST]);
  expect(memory.answers).toEqual([]);
});

test.each([
  '',
  '7',
  '{"answers": null}',
  '{"version": 1, "answers": [7, null, {}]}',
  '{"version": 0, "answers": [{}]}',
])('%j in the file is no conversation', async (kept) => {
  const { memory, file } = await stage();
  await memory.keep([FIRST]);
  await writeFile(file, kept);
  expect(memory.answers).toEqual([]);
});

test('answers are kept, and the question of one that was still open', async () => {
  const { memory } = await stage();
  const open = begun(2, { text: 'Second?' });
  await memory.keep([FIRST, open]);
  expect(memory.answers).toEqual([FIRST, { ...open, state: 'stopped', step: {} }]);
});

test('the newest answers are kept where all of them are too much', async () => {
  const { memory } = await stage();
  const long = (id: number) => ({ ...FIRST, id, text: 'x'.repeat(100_000) });
  await memory.keep([1, 2, 3].map(long));
  expect(memory.answers.map(({ id }) => id)).toEqual([2, 3]);
});

test('of an answer with thousands of rows, or with lines without end, the words and the first rows are kept', async () => {
  const { memory } = await stage();
  const rows = Array.from({ length: 2000 }, () => place('shop/core.py:1', 'x'.repeat(1000)));
  const many = { ...FIRST, id: 2, evidence: rows, trace: trace([span('search', 1, { locations: rows })], 1000) };
  await memory.keep([FIRST, many]);
  expect(memory.answers).toMatchObject([FIRST, { id: 2, text: 'One.', evidence: { length: 50 } }]);
  expect(JSON.stringify(memory.answers).length).toBeLessThan(50_000);
});

test('nothing is left of a conversation that was ended', async () => {
  const { memory } = await stage();
  await memory.keep([FIRST]);
  await memory.keep([]);
  expect(memory.answers).toEqual([]);
});

test('what is kept last is what stays, whole and alone', async () => {
  const { memory, open, file, folder } = await stage();
  for (let id = 1; id <= 20; id += 1) {
    void memory.keep([{ ...FIRST, id }]);
  }
  await memory.keep([{ ...FIRST, id: 21 }]);
  expect(open().answers).toMatchObject([{ id: 21 }]);
  expect(await readdir(join(folder, 'storage'))).toEqual(['conversation.json']);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 1 });
});

test('a disk that takes nothing is told, and costs the conversation nothing', async () => {
  const { memory, failures, folder } = await stage();
  await writeFile(join(folder, 'storage'), 'no folder');
  await memory.keep([FIRST]);
  expect(failures).toHaveLength(1);
});
