import type { SearchHit, SearchResult } from '../protocol';
import { place } from '../search/hitRow';

/** The result of a search as a language model reads it: `path:line: the line`, the best first, then what to know of it. */
export function resultText(query: string, result: SearchResult, most = result.hits.length): string {
  const hits = result.hits.slice(0, most);
  return [head(query, result, hits.length), ...hits.map(line), ...remarks(result)].join('\n');
}

function head(query: string, { total }: SearchResult, shown: number): string {
  if (total === 0) {
    return `Nothing matches \`${query}\`.`;
  }
  const all = `${total} ${total === 1 ? 'place matches' : 'places match'} \`${query}\``;
  return shown < total ? `${all}; the best ${shown}:` : `${all}:`;
}

function line(hit: SearchHit): string {
  const name = hit.name === undefined ? '' : ` [${hit.name}]`;
  return `${place(hit)}: ${hit.text.trim()} (${hit.kind}${name})`;
}

function* remarks({ note, freshness }: SearchResult): Generator<string> {
  if (note !== undefined) {
    yield note;
  }
  if (freshness.note !== undefined) {
    yield freshness.note;
  }
  if (freshness.stale > 0) {
    yield `${freshness.stale} files are not indexed yet; there may be more.`;
  }
}
