import type { HitKind, SearchHit } from '../protocol';

/** How one hit looks in a list. */
export interface HitLook {
  /** A codicon's name. */
  readonly icon: string;
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
}

const ICONS: Readonly<Record<HitKind, string>> = {
  class: 'symbol-class',
  function: 'symbol-function',
  method: 'symbol-method',
  constant: 'symbol-constant',
  heading: 'symbol-string',
  module: 'symbol-module',
  call: 'call-outgoing',
  raise: 'warning',
  text: 'search',
  passage: 'note',
  file: 'file',
};

/** What is known by its name; of other hits the line says more. */
const DEFINITIONS: ReadonlySet<HitKind> = new Set(['class', 'function', 'method', 'constant', 'heading']);
/** Kinds that are worth a word: the icon alone would have to say them. */
const SPOKEN: ReadonlySet<HitKind> = new Set([...DEFINITIONS, 'call', 'raise']);

/** A label longer than this would leave no room for the path beside it. */
const LONGEST_LABEL = 64;
/** So much stays before a match that would lie beyond that. */
const BEFORE = 16;

/** How a hit is listed: a definition by its name above its line, other hits by their line above what they stand in. */
export function hitLook(hit: SearchHit): HitLook {
  const { kind, path, byName } = hit;
  const file = path.slice(path.lastIndexOf('/') + 1);
  const [label, detail] = labels(hit);
  return {
    icon: ICONS[kind],
    label: escapeIcons(label === '' ? file : label),
    description: escapeIcons(
      [place(hit), SPOKEN.has(kind) ? kind : '', byName ? 'by name alone' : ''].filter(Boolean).join(' · '),
    ),
    ...(detail === '' ? {} : { detail: escapeIcons(detail) }),
  };
}

function labels({ kind, name, text, marks }: SearchHit): readonly [label: string, detail: string] {
  if (kind === 'file') {
    return ['', ''];
  }
  if (DEFINITIONS.has(kind) && name !== undefined) {
    return [name, text.trim()];
  }
  return [inSight(text, marks[0]), name === undefined ? '' : `in ${name}`];
}

/** Whether a hit is where something is defined: then its range is the name. */
export function isDefinition({ kind }: Pick<SearchHit, 'kind'>): boolean {
  return DEFINITIONS.has(kind);
}

/** Whether two hits are the same place. */
export function isSamePlace(one: SearchHit, other: SearchHit): boolean {
  const [a, b] = [one.range.start, other.range.start];
  return one.uri === other.uri && a.line === b.line && a.character === b.character;
}

/** Path and line, as they stand in answers too. */
export function place({ path, range }: Pick<SearchHit, 'path' | 'range'>): string {
  return `${path}:${range.start.line + 1}`;
}

/** The line, cut so that its first match is there to be seen. */
function inSight(text: string, [begin, end]: readonly [number, number] = [0, 0]): string {
  const indent = text.length - text.trimStart().length;
  const from = end - indent > LONGEST_LABEL ? Math.max(begin - BEFORE, indent) : indent;
  const shown = text.slice(from).trimEnd();
  const cut = shown.length > LONGEST_LABEL ? `${shown.slice(0, LONGEST_LABEL)}…` : shown;
  return from > indent ? `…${cut}` : cut;
}

/** VS Code draws `$(name)` as an icon; in code, and in what was typed, it is text. */
export function escapeIcons(text: string): string {
  return text.replace(/\$\([a-z0-9-]+(?:~[a-z]+)?\)/gi, '\\$&');
}
