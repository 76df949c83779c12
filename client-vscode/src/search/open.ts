import { Range, Uri, type ViewColumn, commands, window, workspace } from 'vscode';

import type { SearchHit } from '../protocol';
import { editorRange } from '../ranges';
import { Failure } from '../server/failure';
import { isDefinition } from './hitRow';

/** Opens a place for good, as VS Code's own Quick Open would: at the name that is defined, or with the match selected. */
export async function openHit(hit: SearchHit, viewColumn: ViewColumn): Promise<void> {
  const uri = Uri.parse(hit.uri);
  const range = editorRange(hit.range);
  const preview = workspace.getConfiguration('workbench.editor').get('enablePreviewFromQuickOpen', false);
  const selection = isDefinition(hit) ? new Range(range.start, range.start) : range;
  try {
    await window.showTextDocument(uri, { viewColumn, selection, preview });
  } catch {
    if (!(await isThere(uri))) {
      throw new Failure('badRequest', `${hit.path} cannot be opened any more.`, 'Search again.');
    }
    await commands.executeCommand('vscode.open', uri, { viewColumn, preview }); // a picture, or another binary file
  }
}

async function isThere(uri: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
