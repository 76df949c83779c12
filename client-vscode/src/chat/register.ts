import type { ExtensionContext } from 'vscode';

import type { Parts } from '../parts';

/** Registers the chat participant and the language-model tool, where VS Code's chat is there. */
export function registerChat(_context: ExtensionContext, _parts: Parts): void {
  // Not there yet.
}
