import { type Answer, type PlaceList, spansOf } from './conversation';
import type { Citation } from '../protocol';
import type { NamedPlace } from './inWords';

/** A place of an answer, and where the extension finds it. */
export interface Resolved {
  readonly list: PlaceList;
  readonly index: number;
  readonly citation: Citation;
}

/** Finds the checked place that words mean: a cited one, one of the evidence, or one that a tool showed. */
export function resolve(answer: Answer, named: Pick<NamedPlace, 'path' | 'line'>): Resolved | undefined {
  const lists: readonly (readonly [PlaceList, readonly Citation[]])[] = [
    ['citations', answer.citations],
    ['evidence', answer.evidence],
    ...spansOf(answer).map(({ locations }, number) => [number, locations] as const),
  ];
  const found = lists.flatMap(([list, places]) => {
    const index = places.findIndex((place) => means(named, place));
    const citation = places[index];
    return citation === undefined ? [] : [{ list, index, citation }];
  });
  return found.find(({ citation }) => citation.verified) ?? found[0];
}

/** The rows of the evidence that the words do not name. */
export function unnamedEvidence(answer: Answer, named: readonly NamedPlace[]): Resolved[] {
  return answer.evidence.flatMap((citation, index) =>
    named.some((place) => means(place, citation)) ? [] : [{ list: 'evidence' as const, index, citation }],
  );
}

/** A path in words may leave out the folders before it, or name the workspace folder too. */
function means({ path, line }: Pick<NamedPlace, 'path' | 'line'>, { path: whole, range }: Citation): boolean {
  const words = path.split(' ').at(-1) ?? path;
  return (
    range.start.line + 1 === line &&
    [path, words].some((name) => name === whole || whole.endsWith(`/${name}`) || name.endsWith(`/${whole}`))
  );
}
