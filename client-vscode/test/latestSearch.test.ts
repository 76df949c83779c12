import { expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver-protocol';

import type { SearchResult } from '../src/protocol';
import { insist } from '../src/search/insist';
import { LatestSearch, type SearchState } from '../src/search/latest';
import type { Connection } from '../src/server/connection';
import { Failure } from '../src/server/failure';
import { hit, result } from './searchHits';

const SUPERSEDED = new Failure('superseded', 'A newer search took its place.', '');

interface Asked {
  readonly part: () => void;
  readonly resolve: (result: SearchResult) => void;
  readonly reject: (failure: Failure) => void;
  readonly isCancelled: () => boolean;
}

/** A server that answers when the test says so. */
class Server {
  readonly asked: Asked[] = [];

  readonly search: Connection['search'] = ({ query }, listener, token) =>
    new Promise((resolve, reject) => {
      this.asked.push({
        part: () => listener?.onPart?.({ kind: 'hits', hits: [hit({ name: query })] }),
        resolve,
        reject,
        isCancelled: () => token?.isCancellationRequested === true,
      });
    });
}

function begin(): { server: Server; search: LatestSearch; heard: SearchState[] } {
  const server = new Server();
  const heard: SearchState[] = [];
  return { server, search: new LatestSearch(server, (state) => heard.push(state)), heard };
}

test('hits are heard of as they come, then the result', async () => {
  const { server, search, heard } = begin();
  const run = search.run({ query: 'a', kind: 'auto' });
  server.asked[0]?.part();
  server.asked[0]?.resolve(result({ total: 7 }));
  await run;
  expect(heard.map((state) => state.kind)).toEqual(['running', 'running', 'done']);
});

test('a new search cancels the one before, of which nothing more is heard', async () => {
  const { server, search, heard } = begin();
  const first = search.run({ query: 'a', kind: 'auto' });
  const second = search.run({ query: 'ab', kind: 'auto' });
  expect(server.asked[0]?.isCancelled()).toBe(true);
  server.asked[0]?.part();
  server.asked[0]?.reject(SUPERSEDED);
  server.asked[1]?.resolve(result());
  await Promise.all([first, second]);
  expect(heard.map(({ kind, query }) => [kind, query.query])).toEqual([
    ['running', 'a'],
    ['running', 'ab'],
    ['done', 'ab'],
  ]);
});

test('a failure is heard of with its query', async () => {
  const { server, search, heard } = begin();
  const run = search.run({ query: '(', kind: 'regex' });
  server.asked[0]?.reject(new Failure('badRequest', 'An open bracket.', 'Close it.'));
  await run;
  expect(heard.at(-1)).toMatchObject({ kind: 'failed', query: { query: '(' }, failure: { kind: 'badRequest' } });
});

test('nothing is heard of a search that was cancelled', async () => {
  const { server, search, heard } = begin();
  const run = search.run({ query: 'a', kind: 'auto' });
  search.cancel();
  server.asked[0]?.resolve(result());
  await run;
  expect(heard.map(({ kind }) => kind)).toEqual(['running']);
});

test('a search whose place another one took is made again, three times at most', async () => {
  let tried = 0;
  const search = (): Promise<string> => {
    tried += 1;
    return tried < 3 ? Promise.reject(SUPERSEDED) : Promise.resolve('found');
  };
  await expect(insist(search, undefined)).resolves.toBe('found');
  tried = -10;
  await expect(insist(search, undefined)).rejects.toBe(SUPERSEDED);
  expect(tried).toBe(-7);
});

test('a search that nobody wants any more is not made again', async () => {
  const source = new CancellationTokenSource();
  source.cancel();
  let tried = 0;
  const search = (): Promise<never> => {
    tried += 1;
    return Promise.reject(SUPERSEDED);
  };
  await expect(insist(search, source.token)).rejects.toBe(SUPERSEDED);
  expect(tried).toBe(1);
});
