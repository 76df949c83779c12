import { Range as EditorRange } from 'vscode';

import type { Range } from '../protocol';

/** A range of the wire as VS Code's. */
export function editorRange({ start, end }: Range): EditorRange {
  return new EditorRange(start.line, start.character, end.line, end.character);
}
