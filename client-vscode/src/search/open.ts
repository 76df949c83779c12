import { Range, Uri, type ViewColumn, window, workspace } from 'vscode';

import type { SearchHit } from '../protocol';
import { Failure } from '../server/failure';
import { isDefinition } from './hitRow';
import { editorRange } from '../ranges';

/** Opens a place for good, as VS Code's own Quick Open would: at the name that is defined, or with the match selected. */
export async function openHit(hit: SearchHit, viewColumn: ViewColumn): Promise<void> {
  const range = editorRange(hit.range);
  try {
    await window.showTextDocument(Uri.parse(hit.uri), {
      viewColumn,
      selection: isDefinition(hit) ? new Range(range.start, range.start) : range,
      preview: workspace.getConfiguration('workbench.editor').get('enablePreviewFromQuickOpen', false),
    });
  } catch {
    throw new Failure('badRequest', `${hit.path} cannot be opened any more.`, 'Search again.');
  }
}
