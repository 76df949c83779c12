import { beforeEach, expect, test, vi } from 'vitest';

import { exportTrace } from '../../src/ask/export';
import { answer, span, trace } from './samples';

interface Place {
  readonly fsPath: string;
}

const editor = vi.hoisted(() => ({
  folders: [] as { readonly uri: Place }[],
  showSaveDialog: vi.fn<(options: Readonly<Record<string, unknown>>) => Promise<Place | undefined>>(),
  showTextDocument: vi.fn<(uri: Place) => Promise<void>>(),
  writeFile: vi.fn<(uri: Place, content: Uint8Array) => Promise<void>>(),
}));

vi.mock('vscode', () => ({
  Uri: { joinPath: ({ fsPath }: Place, name: string): Place => ({ fsPath: `${fsPath}/${name}` }) },
  window: { showSaveDialog: editor.showSaveDialog, showTextDocument: editor.showTextDocument },
  workspace: {
    get workspaceFolders() {
      return editor.folders;
    },
    fs: { writeFile: editor.writeFile },
  },
}));

const CHOSEN: Place = { fsPath: '/home/größe und mehr/trace.json' };
const ANSWERED = answer({ question: { text: 'Wo ist die Größe?' }, trace: trace([span('search', 4)], 3000) });

beforeEach(() => {
  editor.folders = [{ uri: { fsPath: '/projects/a b' } }, { uri: { fsPath: '/projects/other' } }];
  editor.showSaveDialog.mockResolvedValue(CHOSEN);
  editor.showTextDocument.mockResolvedValue();
  editor.writeFile.mockResolvedValue();
});

test('the dialog proposes a name in the first folder, and the trace is written where the person says', async () => {
  await exportTrace(ANSWERED);
  expect(editor.showSaveDialog).toHaveBeenCalledExactlyOnceWith({
    title: 'Export Trace',
    filters: { JSON: ['json'] },
    defaultUri: { fsPath: '/projects/a b/inglenook-ask-1.json' },
  });
  const [uri, content] = editor.writeFile.mock.calls[0] ?? [];
  expect(uri).toBe(CHOSEN);
  expect(JSON.parse(new TextDecoder().decode(content))).toEqual({ question: 'Wo ist die Größe?', ...ANSWERED.trace });
  expect(editor.showTextDocument).toHaveBeenCalledExactlyOnceWith(CHOSEN, { preview: true });
});

test('without a folder the person chooses where', async () => {
  editor.folders = [];
  await exportTrace(ANSWERED);
  expect(editor.showSaveDialog.mock.calls[0]?.[0]).not.toHaveProperty('defaultUri');
  expect(editor.writeFile).toHaveBeenCalledOnce();
});

test('a person who thinks better of it writes and opens nothing', async () => {
  editor.showSaveDialog.mockResolvedValue(undefined);
  await exportTrace(ANSWERED);
  expect(editor.writeFile).not.toHaveBeenCalled();
  expect(editor.showTextDocument).not.toHaveBeenCalled();
});

test('an answer without a trace asks for no place', async () => {
  await exportTrace(answer());
  expect(editor.showSaveDialog).not.toHaveBeenCalled();
});

test('a place that cannot be written to is told with its path, and is no fault to report', async () => {
  editor.writeFile.mockRejectedValue(new Error('EROFS: read-only file system'));
  await expect(exportTrace(ANSWERED)).rejects.toMatchObject({
    kind: 'badRequest',
    message: 'The trace could not be written to /home/größe und mehr/trace.json: EROFS: read-only file system',
  });
  expect(editor.showTextDocument).not.toHaveBeenCalled();
});
