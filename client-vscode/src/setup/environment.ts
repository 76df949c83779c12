import type { ExtensionContext, LogOutputChannel } from 'vscode';

import type { ServerCommand } from '../server/command';

/** The server in the extension's own environment, where that is installed. */
export function ownEnvironment(_context: ExtensionContext, _log: LogOutputChannel): ServerCommand {
  return { resolve: () => Promise.resolve({ needsSetUp: 'The language server is not installed yet.' }) };
}
