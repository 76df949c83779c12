import {
  type CancellationToken,
  CancellationError,
  type Disposable,
  type LanguageModelTool,
  type LanguageModelToolInvocationOptions,
  type LanguageModelToolInvocationPrepareOptions,
  LanguageModelTextPart,
  LanguageModelToolResult,
  type PreparedToolInvocation,
  lm,
} from 'vscode';

import type { Parts } from '../parts';
import type { SearchParams, SearchResult } from '../protocol';
import { insist } from '../search/insist';
import { sentence } from '../status/mending';
import { resultText } from './toolText';

const TOOL = 'inglenook_search';
const LIMIT = 20;

/** As package.json's `inputSchema` says. */
type Input = Pick<SearchParams, 'query' | 'kind' | 'limit'>;

/** Offers our search to whatever language models VS Code's chat has. */
export function registerTool(parts: Parts): Disposable {
  return lm.registerTool(TOOL, new SearchTool(parts));
}

class SearchTool implements LanguageModelTool<Input> {
  constructor(private readonly parts: Pick<Parts, 'connection' | 'failures'>) {}

  prepareInvocation({ input }: LanguageModelToolInvocationPrepareOptions<Input>): PreparedToolInvocation {
    return { invocationMessage: `Searching for “${input.query}”` };
  }

  async invoke(
    { input, tokenizationOptions }: LanguageModelToolInvocationOptions<Input>,
    token: CancellationToken,
  ): Promise<LanguageModelToolResult> {
    const { query, kind = 'auto', limit = LIMIT } = input;
    try {
      const result = await insist(() => this.parts.connection.search({ query, kind, limit }, {}, token), token);
      return new LanguageModelToolResult([
        new LanguageModelTextPart(await fitting(query, result, tokenizationOptions, token)),
      ]);
    } catch (error) {
      const failure = this.parts.failures.log(error);
      throw failure.isCancellation ? new CancellationError() : new Error(sentence(failure));
    }
  }
}

/** As many hits as the model has room for. */
async function fitting(
  query: string,
  result: SearchResult,
  room: LanguageModelToolInvocationOptions<Input>['tokenizationOptions'],
  token: CancellationToken,
): Promise<string> {
  for (let most = result.hits.length; ; most = Math.floor(most / 2)) {
    const text = resultText(query, result, most);
    if (room === undefined || most === 0 || (await room.countTokens(text, token)) <= room.tokenBudget) {
      return text;
    }
  }
}
