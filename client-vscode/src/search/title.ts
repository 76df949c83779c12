import type { IndexStatus, SearchKind, SearchResult } from '../protocol';
import { indexSummary } from '../status/describe';
import type { SearchState } from './latest';

const NAME = 'Search Code';
const TAKEN: Readonly<Record<SearchKind, string>> = {
  auto: '',
  words: 'by words',
  exact: 'exact text',
  regex: 'regular expression',
  symbol: 'by name',
};

/** The title above the list: how the query was taken, how many there are, and how true that is. */
export function titleOf(state: SearchState | undefined, index: IndexStatus | undefined): string {
  if (state?.kind === 'done') {
    return [NAME, TAKEN[state.result.kind], counted(state.result), stale(state.result)].filter(Boolean).join(' · ');
  }
  return index?.state === 'indexing' ? `${NAME} · index: ${indexSummary(index)}` : NAME;
}

/** Whether a search would find more now: it came before the index was there. */
export function isOutdated({ freshness }: SearchResult, before: IndexStatus | undefined, now: IndexStatus): boolean {
  const whole = (index: IndexStatus | undefined): boolean => index?.state === 'ready' && index.stale === 0;
  return freshness.stale > 0 && whole(now) && !whole(before);
}

function counted({ hits, total }: SearchResult): string {
  const all = `${total.toLocaleString('en')} ${total === 1 ? 'hit' : 'hits'}`;
  return hits.length < total ? `${hits.length} of ${all}` : all;
}

function stale({ freshness }: SearchResult): string {
  const files = freshness.stale;
  return files === 0 ? '' : `${files.toLocaleString('en')} ${files === 1 ? 'file' : 'files'} not yet indexed`;
}
