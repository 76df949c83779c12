import type { SearchKind, SearchParams } from '../protocol';

/** What to search for, and how it is to be taken. */
export type Query = Required<Pick<SearchParams, 'query' | 'kind'>>;

/** What a first character makes of what follows it. A blank before it takes that away. */
const PREFIXES = { symbol: '@', regex: '/', exact: '"' } as const satisfies Partial<Record<SearchKind, string>>;

/** A kind that a prefix stands for. */
export type PrefixedKind = keyof typeof PREFIXES;

/** Says what can be typed. */
export const PLACEHOLDER = 'Search by name, text or words: @ names only, / regular expression, " exact text';

/** A selection longer than this was not made to be searched for. */
const LONGEST_SELECTION = 200;
const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*(?:(?:\.|::)[\p{L}_$][\p{L}\p{N}_$]*)*$/u;

/** Reads what was typed; undefined where that asks for nothing yet. `calls:NAME` and its like are the server's to read. */
export function readInput(input: string): Query | undefined {
  const kind = prefixedKind(input);
  const query = kind === undefined ? input.trim() : withoutClosing(kind, input.slice(1));
  return query.trim() === '' ? undefined : { query, kind: kind ?? 'auto' };
}

/** What a person would have typed to ask for this. */
export function toInput({ query, kind }: Query): string {
  if (isPrefixed(kind)) {
    return PREFIXES[kind] + query;
  }
  return prefixedKind(query) === undefined ? query : ` ${query}`;
}

/** The same text taken as another kind, and as any again where it is taken as that kind already. */
export function switchKind(input: string, kind: PrefixedKind): string {
  const now = prefixedKind(input);
  const query = now === undefined ? input.trim() : input.slice(1);
  return toInput({ query, kind: now === kind ? 'auto' : kind });
}

/** What to begin with when this is selected: a name as such, other code exactly as it stands, and never several lines. */
export function inputFor(selected: string): string {
  const text = selected.trim();
  if (text === '' || text.length > LONGEST_SELECTION || /[\r\n]/.test(text)) {
    return '';
  }
  return NAME.test(text) ? text : toInput({ query: text, kind: 'exact' });
}

/** Reads the argument of the command: a query, or the parameters of a search as a code lens of the server gives them. */
export function readArgument(argument: unknown): string | undefined {
  if (typeof argument === 'string') {
    return argument;
  }
  if (typeof argument !== 'object' || argument === null || !('query' in argument)) {
    return undefined;
  }
  const kind = 'kind' in argument ? argument.kind : undefined;
  return typeof argument.query === 'string'
    ? toInput({ query: argument.query, kind: isPrefixed(kind) ? kind : 'auto' })
    : undefined;
}

function isPrefixed(kind: unknown): kind is PrefixedKind {
  return typeof kind === 'string' && Object.hasOwn(PREFIXES, kind);
}

function prefixedKind(input: string): PrefixedKind | undefined {
  const first = input.charAt(0);
  return (Object.keys(PREFIXES) as PrefixedKind[]).find((kind) => PREFIXES[kind] === first);
}

/** Whoever quotes or slashes out of habit closes what he opened. */
function withoutClosing(kind: PrefixedKind, query: string): string {
  switch (kind) {
    case 'symbol':
      return query.trim();
    case 'exact':
      return query.replace(/(?<=.)"$/, '');
    case 'regex':
      return query.replace(/(?<=[^\\])\/$/, '');
  }
}
