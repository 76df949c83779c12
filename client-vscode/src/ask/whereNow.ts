import type { Citation } from '../protocol';

/** Where a place stands now. */
export interface Standing {
  /** Zero-based, both inclusive. */
  readonly first: number;
  readonly last: number;
  /** `changed`: its text is nowhere in the file any more. */
  readonly how: 'there' | 'moved' | 'changed';
}

/** Finds a place again in the lines of its file: where it was, else the nearest line with its text. */
export function whereNow(lines: readonly string[], { range, text }: Citation): Standing {
  const length = range.end.line - range.start.line;
  const end = Math.max(0, lines.length - 1);
  const at = (first: number, how: Standing['how']): Standing => {
    const kept = Math.min(first, end);
    return { first: kept, last: Math.min(kept + length, end), how };
  };
  const was = range.start.line;
  const wanted = text.trim();
  if (wanted === '' ? was <= end : lines[was]?.trim() === wanted) {
    return at(was, 'there');
  }
  const [nearest] = lines
    .flatMap((line, number) => (wanted !== '' && line.trim() === wanted ? [number] : []))
    .toSorted((one, other) => Math.abs(one - was) - Math.abs(other - was));
  return nearest === undefined ? at(was, 'changed') : at(nearest, 'moved');
}
