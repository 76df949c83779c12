import type { Citation } from '../protocol';

/** A stretch of an answer: words, or a place that the words name. */
export type Piece =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'place'; readonly title: string; readonly citation: Citation };

/** `path:12` or `path:12-14`, bare or in back ticks. */
const PLACE = /(`?)([^\s`()[\]{}<>"',;]+):(\d+)(?:-\d+)?\1(?![\w`])/g;

/**
 * Cuts words where they name one of these places, so that it can be shown as a link.
 *
 * `before` is what was said before on the same line, and the block of code that it is in: in code there are no
 * links.
 */
export function cut(text: string, citations: readonly Citation[], before: Before): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(PLACE)) {
    const [whole, , path = '', line = ''] = found;
    const citation = cited(path, Number(line), citations);
    if (citation === undefined || isCode(after(before, text.slice(0, found.index)))) {
      continue;
    }
    pieces.push(...words(text.slice(from, found.index)));
    pieces.push({ kind: 'place', title: whole.replaceAll('`', ''), citation });
    from = found.index + whole.length;
  }
  return [...pieces, ...words(text.slice(from))];
}

/** What of the words so far decides what the next ones are. */
export interface Before {
  /** The line that has begun. */
  readonly line: string;
  /** What a block of code that has begun ends with, at the least; empty outside of any. */
  readonly fence: string;
}

export const NOTHING: Before = { line: '', fence: '' };

/** What stands before the words that follow `text`. */
export function after(before: Before, text: string): Before {
  const lines = (before.line + text).split('\n');
  return { line: lines.at(-1) ?? '', fence: lines.slice(0, -1).reduce(fenceAfter, before.fence) };
}

/** The fence that is open after a line: a block ends at a fence alone on its line, as long as the one it began with. */
function fenceAfter(fence: string, line: string): string {
  const [, found = '', rest = ''] = /^\s*(`{3,})(.*)$/.exec(line) ?? [];
  if (fence === '') {
    return rest.includes('`') ? '' : found;
  }
  return found.length >= fence.length && rest.trim() === '' ? '' : fence;
}

function isCode({ line, fence }: Before): boolean {
  return fence !== '' || (line.split('`').length - 1) % 2 === 1;
}

/** The place that is meant: by its whole path, else by the end of it. */
function cited(path: string, line: number, citations: readonly Citation[]): Citation | undefined {
  const same = citations.filter(({ verified, range }) => verified && range.start.line + 1 === line);
  const named = path.replace(/^\.\//, '');
  return same.find((one) => one.path === named) ?? same.find((one) => one.path.endsWith(`/${named}`));
}

function words(text: string): readonly Piece[] {
  return text === '' ? [] : [{ kind: 'words', text }];
}
