import type { IndexStatus, SearchHit, SearchKind, SearchResult } from '../protocol';
import type { ServerState } from '../server/state';
import { type Action, mendings } from '../status/mending';
import { escapeIcons, hitLook } from './hitRow';
import type { SearchState } from './latest';

/** What choosing a row does. */
export type Choice =
  | { readonly kind: 'open'; readonly hit: SearchHit }
  | { readonly kind: 'type'; readonly input: string }
  | { readonly kind: 'run'; readonly action: Action }
  | { readonly kind: 'none' };

/** One row of the list. */
export interface Row {
  /** A codicon's name; a separator has none. */
  readonly icon?: string;
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly choice: Choice | 'separator';
}

/** What surrounds a search. */
export interface Surroundings {
  readonly server: ServerState;
  readonly index: IndexStatus | undefined;
}

const EMPTY: Readonly<Record<SearchKind, string>> = {
  auto: 'Nothing matches.',
  words: 'Nothing matches these words.',
  exact: 'No line holds exactly this.',
  regex: 'No line matches this regular expression.',
  symbol: 'No definition has such a name.',
};

/** What was searched for before, while nothing is typed. */
export function recentRows(recent: readonly string[]): readonly Row[] {
  const rows = recent.map((input): Row => ({
    icon: 'history',
    label: escapeIcons(input),
    choice: { kind: 'type', input },
  }));
  return rows.length === 0 ? [] : [separator('recent searches'), ...rows];
}

/** What a search shows; undefined where what was there before is to stay until there is something better. */
export function rowsOf(state: SearchState, around: Surroundings): readonly Row[] | undefined {
  switch (state.kind) {
    case 'running':
      return state.hits === undefined ? waitingRows(around.server) : state.hits.map(hitRow);
    case 'done':
      return state.result.hits.length === 0 ? emptyRows(state.result, around.index) : hitRows(state.result);
    case 'failed':
      return failureRows(state);
  }
}

function hitRows(result: SearchResult): readonly Row[] {
  const note = notes(result);
  return [...(note === '' ? [] : [separator(note)]), ...result.hits.map(hitRow)];
}

function hitRow(hit: SearchHit): Row {
  return { ...hitLook(hit), choice: { kind: 'open', hit } };
}

function waitingRows(server: ServerState): readonly Row[] | undefined {
  switch (server.kind) {
    case 'stopped':
    case 'starting':
    case 'waiting':
      return [saying('loading~spin', 'The language server is starting.')];
    case 'running':
    case 'needsSetUp':
    case 'failed':
      return undefined; // the search itself says why
  }
}

function emptyRows(result: SearchResult, index: IndexStatus | undefined): readonly Row[] {
  return [saying('info', EMPTY[result.kind], reasons(result, index))];
}

/** Why there may be nothing, as far as that is known. */
function reasons(result: SearchResult, index: IndexStatus | undefined): string {
  if (index?.state === 'off') {
    return 'No folder is open.';
  }
  if (index?.state === 'starting' || index?.state === 'indexing') {
    return `The index is still being built${percent(index)}; the search is repeated when it is there.`;
  }
  const { files, stale } = result.freshness;
  const searched = `${count(files)} searched${stale === 0 ? '' : `, ${stale.toLocaleString('en')} not yet indexed`}.`;
  return [notes(result), searched, 'Ignored files and secrets are left out.'].filter(Boolean).join(' ');
}

function failureRows({ failure }: Extract<SearchState, { kind: 'failed' }>): readonly Row[] | undefined {
  if (failure.isCancellation) {
    return undefined;
  }
  const mend = mendings(failure).map((action): Row => ({
    icon: 'tools',
    label: action.title,
    choice: { kind: 'run', action },
  }));
  return [saying('error', failure.message, failure.hint), ...mend];
}

function saying(icon: string, label: string, detail = ''): Row {
  const row = { icon, label: escapeIcons(label), choice: { kind: 'none' } } as const;
  return detail === '' ? row : { ...row, detail: escapeIcons(detail) };
}

function separator(label: string): Row {
  return { label, choice: 'separator' };
}

function notes({ note, freshness }: SearchResult): string {
  return [note, freshness.note].filter(Boolean).join(' ');
}

function percent(index: IndexStatus): string {
  return index.percent === undefined ? '' : ` (${index.percent} %)`;
}

function count(files: number): string {
  return `${files.toLocaleString('en')} ${files === 1 ? 'file' : 'files'}`;
}
