import { type Uri, Uri as UriOf, workspace } from 'vscode';

import type { AskContext } from '../protocol';
import type { About } from './conversation';

/** A selection as the view shows it. */
export function aboutOf(context: AskContext): About {
  const uri = UriOf.parse(context.textDocument.uri);
  return { context, label: `${pathOf(uri)}${lines(context)}` };
}

function pathOf(uri: Uri): string {
  return workspace.asRelativePath(uri, false);
}

function lines({ range }: AskContext): string {
  if (range === undefined) {
    return '';
  }
  const [first, last] = [range.start.line + 1, range.end.line + (range.end.character === 0 ? 0 : 1)];
  return last <= first ? `:${first}` : `:${first}-${last}`;
}
