import { type ExtensionContext, window } from 'vscode';

import { registerAsk } from './ask/register';
import { registerChat } from './chat/register';
import { registerExplain } from './explain/register';
import type { Parts } from './parts';
import { registerSearch } from './search/register';
import { ServerClient } from './server/client';
import { configuredOr } from './server/command';
import { ServerConnection } from './server/connection';
import { ServerLife } from './server/life';
import { registerServer } from './server/register';
import { WorkspaceSettings } from './settings';
import { ownEnvironments } from './setup/environment';
import { OwnServer } from './setup/ownServer';
import { registerSetUp } from './setup/register';
import { FailureNotifications } from './status/failures';
import { LastStatus } from './status/feed';
import { registerStatus } from './status/register';
import { workspaceTrust } from './trust';

/** Composes the extension. The server starts in the background, after everything is registered. */
export function activate(context: ExtensionContext): void {
  const began = performance.now();
  const log = window.createOutputChannel('Inglenook', { log: true });
  const settings = new WorkspaceSettings();
  const trust = workspaceTrust();
  const status = new LastStatus();
  const own = ownEnvironments(context);
  const command = configuredOr(() => settings.get('server.command'), new OwnServer(own.environments));
  const life = new ServerLife(command, (launch, ended) => {
    log.info(`Starting ${[launch.command, ...launch.args].join(' ')}`);
    return new ServerClient(launch, ended, {
      log,
      trusted: () => trust.trusted,
      onStatus: (params) => {
        status.take(params);
      },
    });
  });
  const parts: Parts = {
    connection: new ServerConnection(life),
    server: life,
    status,
    failures: new FailureNotifications(log),
    settings,
    trust,
    log,
  };
  context.subscriptions.push(settings, life, status.follow(life));
  registerStatus(context, parts);
  const view = registerAsk(context, parts);
  registerSearch(context, parts);
  registerExplain(context, view);
  registerChat(context, parts);
  registerSetUp(context, parts, own);
  registerServer(context, parts, life, command);
  context.subscriptions.push(log); // disposed of after all that may still write to it
  log.info(`Activated in ${(performance.now() - began).toFixed(1)} ms.`);
}
