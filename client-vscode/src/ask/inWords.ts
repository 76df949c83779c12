/** A place as words name it. */
export interface NamedPlace {
  /** Where the words that name it begin and end in the text. */
  readonly start: number;
  readonly end: number;
  /** The words without their markup. */
  readonly label: string;
  readonly path: string;
  /** First line, from 1. */
  readonly line: number;
  /** Whether ` (unverified)` follows it, which is then part of its words. */
  readonly unverified: boolean;
}

// What the server takes for a place (its agent/places.py), in its order: the first form that fits wins.
const BARE = String.raw`(?:[A-Za-z]:[\\/])?[^\s${'`'}"'<>()\[\]{},;:#*|?=]*[\p{L}\p{N}_]`;
const NUMBER = String.raw`(?<line>\d{1,7})(?:\s?(?:-|–|\.\.|:?-)\s?L?\d{1,7})?`;
const SPOKEN = String.raw`(?<line>\d{1,7})(?:\s?(?:-|–|to|through)\s?\d{1,7})?`;
const ATTACHED = String.raw`(?::L?|#L)${NUMBER}(?::\d+)?(?![\p{L}\p{N}_])`;
const TICKED = '`(?<path>[^`\\n]{1,200})`';
const BEHIND = String.raw`,?[ \t]+\(?(?:(?:on|at|in)[ \t]+)?[Ll]ines?[ \t]+${SPOKEN}(?![\p{L}\p{N}_])\)?`;
const BEFORE = String.raw`[Ll]ines?[ \t]+${SPOKEN},?[ \t]+(?:of|in|from)[ \t]+(?:the[ \t]+)?(?:file[ \t]+)?`;
const START = String.raw`(?<![\p{L}\p{N}_./\\~-])`;
const END = String.raw`(?<mark> \(unverified\))?`;
const FORMS = [
  String.raw`\[(?<label>[^\]\n]{0,200})\]\((?<path>[^)\s:#]{1,300})${ATTACHED}\)`,
  `\`(?<path>[^\`\\n:#]{1,200})${ATTACHED}\`?`,
  `\`(?<path>[^\`\\n:#]{1,200})\`${ATTACHED}`,
  `(?<path>${BARE})${ATTACHED}`,
  TICKED + BEHIND,
  `(?<path>${BARE})${BEHIND}`,
  BEFORE + TICKED,
  `${BEFORE}(?<path>${BARE})`,
].map((form) => new RegExp(`${START}${form}${END}`, 'gu'));

/** What is written as a file's path, rather than as a time, a host or a word. */
const PATH = /\.[A-Za-z]\w{0,9}$|(?:^|\/)(?:[A-Z][A-Za-z]*file|LICEN[CS]E|README|CHANGELOG|NOTICE|AUTHORS)$/;

/** Finds the places that Markdown names, in order. */
export function placesIn(text: string): NamedPlace[] {
  const found = FORMS.flatMap((form) => [...text.matchAll(form)].map(placeOf)).filter(({ path }) => PATH.test(path));
  const places: NamedPlace[] = [];
  for (const place of found.toSorted((one, other) => one.start - other.start)) {
    if (place.start >= (places.at(-1)?.end ?? 0)) {
      places.push(place);
    }
  }
  return places;
}

function placeOf(match: RegExpExecArray): NamedPlace {
  const { path = '', line = '0', label, mark = '' } = match.groups ?? {};
  const words = match[0].slice(0, match[0].length - mark.length);
  return {
    start: match.index,
    end: match.index + match[0].length,
    label: label === undefined || label === '' ? words.replaceAll('`', '') : label.replaceAll('`', ''),
    path: path.trim().replaceAll('\\', '/').replace(/^\.\//, ''),
    line: Number(line),
    unverified: mark !== '',
  };
}
