import { describe, expect, test } from 'vitest';

import type { IndexStatus, SearchResult } from '../src/protocol';
import { hitLook, isSamePlace } from '../src/search/hitRow';
import type { SearchState } from '../src/search/latest';
import { recentRows, rowsOf } from '../src/search/rows';
import { isOutdated, titleOf } from '../src/search/title';
import { Failure } from '../src/server/failure';
import { hit, result } from './searchHits';

const QUERY = { query: 'Basket', kind: 'auto' } as const;
const READY: IndexStatus = { state: 'ready', files: 12, stale: 0 };
const INDEXING: IndexStatus = { state: 'indexing', files: 3, stale: 9, percent: 25 };
const AROUND = { server: { kind: 'running' }, index: READY } as const;

function done(changes: Partial<SearchResult>): SearchState {
  return { kind: 'done', query: QUERY, result: result(changes) };
}

function shown(state: SearchState, around: Parameters<typeof rowsOf>[1] = AROUND): readonly unknown[] | undefined {
  return rowsOf(state, around)?.map(({ icon, label, detail }) => [icon, label, detail]);
}

describe('a hit', () => {
  test('that defines something bears its name', () => {
    expect(hitLook(hit())).toEqual({
      icon: 'symbol-class',
      label: 'Basket',
      description: 'shop/core.py:44 · class',
      detail: 'class Basket:',
    });
  });

  test('in the midst of code is its line, and says in what', () => {
    expect(hitLook(hit({ kind: 'text', text: '    b = Basket()', marks: [[8, 14]], name: 'pay' }))).toEqual({
      icon: 'search',
      label: 'b = Basket()',
      description: 'shop/core.py:44',
      detail: 'in pay',
    });
  });

  test('that only bears the name says so', () => {
    expect(hitLook(hit({ kind: 'call', byName: true })).description).toBe('shop/core.py:44 · call · by name alone');
  });

  test('that is a file bears the name of the file', () => {
    const file = hit({ kind: 'file', text: 'shop/core.py' });
    expect(hitLook(file)).toEqual({ icon: 'file', label: 'core.py', description: 'shop/core.py:44' });
  });

  test('far to the right is brought into sight, and no label is so long that its path is not seen', () => {
    const text = `  ${'x'.repeat(200)} Basket() ${'y'.repeat(200)}`;
    const { label } = hitLook(hit({ kind: 'text', text, marks: [[203, 209]] }));
    expect(label).toBe(`…${'x'.repeat(15)} Basket() ${'y'.repeat(39)}…`);
    expect(hitLook(hit({ kind: 'text', text, marks: [[2, 9]] })).label).toBe(`${'x'.repeat(64)}…`);
  });

  test('has no icons of its own', () => {
    expect(hitLook(hit({ kind: 'text', text: 'a=$(date) $(sync~spin) $(a b)' })).label).toBe(
      'a=\\$(date) \\$(sync~spin) $(a b)',
    );
  });

  test('is known again by its place', () => {
    expect(isSamePlace(hit(), hit({ score: 3, text: 'other' }))).toBe(true);
    expect(isSamePlace(hit(), hit({ uri: 'file:///other.py' }))).toBe(false);
  });
});

describe('the list', () => {
  test('keeps what it shows until there is something better', () => {
    expect(shown({ kind: 'running', query: QUERY })).toBeUndefined();
    expect(shown({ kind: 'running', query: QUERY, hits: [hit()] })).toEqual([
      ['symbol-class', 'Basket', 'class Basket:'],
    ]);
  });

  test('says that the server is starting', () => {
    const server = { kind: 'starting', slow: false } as const;
    expect(shown({ kind: 'running', query: QUERY }, { ...AROUND, server })).toEqual([
      ['loading~spin', 'The language server is starting.', undefined],
    ]);
  });

  test('has the notes of the result above the hits', () => {
    expect(rowsOf(done({ hits: [hit()], note: 'Case was ignored.' }), AROUND)?.[0]).toEqual({
      label: 'Case was ignored.',
      choice: 'separator',
    });
  });

  test('that is empty says why', () => {
    expect(shown(done({ kind: 'exact', note: 'Nothing in that letter case.' }))).toEqual([
      [
        'info',
        'No line holds exactly this.',
        'Nothing in that letter case. 12 files searched. Ignored files and secrets are left out.',
      ],
    ]);
    expect(shown(done({}), { ...AROUND, index: INDEXING })).toEqual([
      [
        'info',
        'No definition has such a name.',
        'The index is still being built (25 %); the search is repeated when it is there.',
      ],
    ]);
    expect(shown(done({}), { ...AROUND, index: { ...READY, state: 'off' } })?.[0]).toContain('No folder is open.');
  });

  test('shows what is wrong with a pattern', () => {
    const failure = new Failure('badRequest', 'The expression has an open bracket.', 'Close it.');
    expect(shown({ kind: 'failed', query: QUERY, failure })).toEqual([
      ['error', 'The expression has an open bracket.', 'Close it.'],
    ]);
  });

  test('offers what mends a failure', () => {
    const failure = new Failure('needsSetUp', 'Nothing is installed.', '');
    const rows = rowsOf({ kind: 'failed', query: QUERY, failure }, AROUND);
    expect(rows?.map(({ choice }) => choice)).toMatchObject([
      { kind: 'none' },
      { kind: 'run', action: { command: 'inglenook.setUp' } },
    ]);
  });

  test('is silent about a search that gave way to another', () => {
    const failure = new Failure('superseded', 'A newer search took its place.', '');
    expect(shown({ kind: 'failed', query: QUERY, failure })).toBeUndefined();
  });

  test('shows what was typed as it was typed', () => {
    const [, recent] = recentRows(['$(date)']);
    expect(recent).toMatchObject({ label: '\\$(date)', choice: { kind: 'type', input: '$(date)' } });
    const failure = new Failure('badRequest', 'Nothing is called $(date).', '');
    expect(shown({ kind: 'failed', query: QUERY, failure })?.[0]).toContain('Nothing is called \\$(date).');
  });

  test('offers what was searched for before while nothing is typed', () => {
    expect(recentRows([])).toEqual([]);
    expect(recentRows(['@Basket']).map(({ choice }) => choice)).toEqual([
      'separator',
      { kind: 'type', input: '@Basket' },
    ]);
  });
});

describe('the title', () => {
  test('says how the query was taken, how many there are, and how true that is', () => {
    const freshness = { files: 3, stale: 1200 };
    expect(titleOf(done({ hits: [hit()], total: 1234, freshness }), READY)).toBe(
      'Search Code · by name · 1 of 1,234 hits · 1,200 files not yet indexed',
    );
    expect(titleOf(done({ hits: [hit()], kind: 'regex' }), READY)).toBe('Search Code · regular expression · 1 hit');
  });

  test('says how far the index is while there is nothing else to say', () => {
    expect(titleOf(undefined, INDEXING)).toBe('Search Code · index: 3 files, 9 to go · 25 %');
    expect(titleOf(undefined, READY)).toBe('Search Code');
  });

  test('a result from before the index was whole is out of date once it is', () => {
    const early = result({ freshness: { files: 3, stale: 9 } });
    expect(isOutdated(early, INDEXING, READY)).toBe(true);
    expect(isOutdated(early, READY, READY)).toBe(false);
    expect(isOutdated(early, INDEXING, INDEXING)).toBe(false);
    expect(isOutdated(result(), INDEXING, READY)).toBe(false);
  });
});
