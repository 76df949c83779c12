import type { SearchHit, SearchResult } from '../src/protocol';

/** A hit, but for what a test says otherwise. */
export function hit(changes: Partial<SearchHit> = {}): SearchHit {
  return {
    uri: 'file:///shop/core.py',
    path: 'shop/core.py',
    range: { start: { line: 43, character: 6 }, end: { line: 43, character: 12 } },
    text: 'class Basket:',
    kind: 'class',
    score: 1,
    marks: [[6, 12]],
    name: 'Basket',
    byName: false,
    ...changes,
  };
}

/** A result, but for what a test says otherwise. */
export function result(changes: Partial<SearchResult> = {}): SearchResult {
  const hits = changes.hits ?? [];
  return {
    hits,
    total: hits.length,
    elapsedMs: 3,
    freshness: { files: 12, stale: 0 },
    kind: 'symbol',
    ...changes,
  };
}
