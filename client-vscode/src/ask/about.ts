import { Uri, workspace } from 'vscode';

import { linesOf } from '../lines';
import type { AskContext } from '../protocol';
import type { About } from './conversation';

/** A selection as the view shows it. */
export function aboutOf(context: AskContext): About {
  const path = workspace.asRelativePath(Uri.parse(context.textDocument.uri), false);
  return { context, label: context.range === undefined ? path : `${path}:${linesOf(context.range)}` };
}
