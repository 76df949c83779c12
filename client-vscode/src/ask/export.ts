import { Uri, window, workspace } from 'vscode';

import { Failure } from '../server/failure';
import type { Answer } from './conversation';

/** Lets the person choose a file, and writes the trace of an answer there as JSON. */
export async function exportTrace({ question, trace }: Answer): Promise<void> {
  if (trace === undefined) {
    return;
  }
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const name = `inglenook-${trace.id}.json`;
  const uri = await window.showSaveDialog({
    title: 'Export Trace',
    filters: { JSON: ['json'] },
    ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder, name) }),
  });
  if (uri !== undefined) {
    const text = `${JSON.stringify({ question: question.text, ...trace }, null, 2)}\n`;
    await write(uri, text);
    await window.showTextDocument(uri, { preview: true });
  }
}

async function write(uri: Uri, text: string): Promise<void> {
  try {
    await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure('badRequest', `The trace could not be written to ${uri.fsPath}: ${why}`, 'Choose another place.');
  }
}
