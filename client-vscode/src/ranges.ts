import { Range as EditorRange } from 'vscode';

import type { Position, Range } from './protocol';

/** A range of the wire as VS Code's. */
export function editorRange({ start, end }: Range): EditorRange {
  return new EditorRange(start.line, start.character, end.line, end.character);
}

/** A range of VS Code's as the wire's. */
export function wireRange({ start, end }: Range): Range {
  return { start: wirePosition(start), end: wirePosition(end) };
}

/** A position of VS Code's, which has more to it, as the wire's. */
export function wirePosition({ line, character }: Position): Position {
  return { line, character };
}
