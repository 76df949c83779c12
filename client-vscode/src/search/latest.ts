import { CancellationTokenSource } from 'vscode-languageserver-protocol';

import type { SearchHit, SearchResult } from '../protocol';
import type { Connection } from '../server/connection';
import { type Failure, asFailure } from '../server/failure';
import { insist } from './insist';
import type { Query } from './query';

/** How far a search has come. */
export type SearchState =
  | { readonly kind: 'running'; readonly query: Query; readonly hits?: readonly SearchHit[] }
  | { readonly kind: 'done'; readonly query: Query; readonly result: SearchResult }
  | { readonly kind: 'failed'; readonly query: Query; readonly failure: Failure };

/** More than anyone reads, and few enough to be sent at every keystroke. */
const LIMIT = 100;

/** Runs one search at a time: a new one cancels the one before, of which nothing more is heard. */
export class LatestSearch {
  #running: CancellationTokenSource | undefined;

  constructor(
    private readonly connection: Pick<Connection, 'search'>,
    private readonly heard: (state: SearchState) => void,
  ) {}

  /** Searches; resolves when that is over, however it went. */
  async run(query: Query): Promise<void> {
    this.cancel();
    const source = new CancellationTokenSource();
    this.#running = source;
    const tell = (state: SearchState): void => {
      if (this.#running === source) {
        this.heard(state);
      }
    };
    tell({ kind: 'running', query });
    const onPart = ({ hits }: { readonly hits: readonly SearchHit[] }): void => {
      tell({ kind: 'running', query, hits });
    };
    try {
      const search = () => this.connection.search({ ...query, limit: LIMIT }, { onPart }, source.token);
      tell({ kind: 'done', query, result: await insist(search, source.token) });
    } catch (error) {
      tell({ kind: 'failed', query, failure: asFailure(error) });
    }
  }

  /** Ends the search that runs; nothing is heard of it. */
  cancel(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.cancel();
    running?.dispose();
  }
}
