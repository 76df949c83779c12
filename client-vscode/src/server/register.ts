import { type ExtensionContext, commands, workspace } from 'vscode';

import { COMMANDS } from '../commands';
import type { Subscription } from '../emitter';
import type { Parts } from '../parts';
import { reportProblem } from '../report';
import type { ServerClient } from './client';
import type { ServerCommand } from './command';
import type { ServerLife } from './life';
import { stateLine } from './state';
import { followTrust } from './trust';

/** Registers the server's commands, and what starts it, starts it again, or must be told to it. */
export function registerServer(
  context: ExtensionContext,
  parts: Parts,
  life: ServerLife<ServerClient>,
  command: ServerCommand,
): void {
  const version = (context.extension.packageJSON as { readonly version: string }).version;
  context.subscriptions.push(
    commands.registerCommand(COMMANDS.restartServer, () => life.restart()),
    commands.registerCommand(COMMANDS.showLog, () => {
      parts.log.show();
    }),
    commands.registerCommand(COMMANDS.reportProblem, () => reportProblem(parts, command, version)),
    commands.registerCommand(COMMANDS.clearTrace, () => clearTrace(parts, life)),
    ...followers(parts, life),
  );
  startWhereNeeded(life);
}

function followers(parts: Parts, life: ServerLife<ServerClient>): readonly Subscription[] {
  return [
    life.onDidChangeState((state) => {
      parts.log.info(`Server: ${stateLine(state)}`);
    }),
    workspace.onDidChangeWorkspaceFolders(() => {
      startWhereNeeded(life);
    }),
    parts.settings.onDidChange((changed) => {
      if (changed('server.command')) {
        void life.restart();
      }
    }),
    ...followTrust(life, parts.trust, (error) => parts.failures.log(error)),
  ];
}

/** An empty window needs no server before someone asks for something. */
function startWhereNeeded(life: ServerLife<ServerClient>): void {
  if (life.state.kind === 'stopped' && (workspace.workspaceFolders?.length ?? 0) > 0) {
    void life.start();
  }
}

/** Where no server runs there is no trace to clear. */
async function clearTrace({ connection, failures }: Parts, life: ServerLife<ServerClient>): Promise<void> {
  try {
    await (life.running && connection.clearTrace());
  } catch (error) {
    failures.tell(error);
  }
}
