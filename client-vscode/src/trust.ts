import { workspace } from 'vscode';

import type { Trust } from './parts';

/** VS Code's Workspace Trust. It is only ever granted: taking it back reloads the window. */
export function workspaceTrust(): Trust {
  return {
    get trusted() {
      return workspace.isTrusted;
    },
    onDidGrant: workspace.onDidGrantWorkspaceTrust,
  };
}
