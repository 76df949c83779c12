import { join } from 'node:path';

import { type ExtensionContext, commands, window } from 'vscode';

import { COMMANDS, VIEW } from '../commands';
import type { ExplainView } from '../explain/view';
import { InputHistory } from '../inputHistory';
import type { Parts } from '../parts';
import { AskHost } from './host';
import { ConversationMemory } from './memory';

/** Registers the view and its commands; returns the view, where explanations are shown too. */
export function registerAsk(context: ExtensionContext, parts: Parts): ExplainView {
  const history = new InputHistory(context.workspaceState, 'inglenook.questions');
  const file = context.storageUri && join(context.storageUri.fsPath, 'conversation.json');
  const memory = new ConversationMemory(file, (error) => {
    parts.log.warn(`The conversation could not be kept: ${String(error)}`);
  });
  const host = new AskHost(context.extensionUri, parts, history, memory);
  context.subscriptions.push(
    host,
    window.registerWebviewViewProvider(VIEW, host.view),
    commands.registerCommand(COMMANDS.ask, (argument: unknown) => host.ask(argument)),
    commands.registerCommand(COMMANDS.newConversation, () => host.newConversation()),
    commands.registerCommand(COMMANDS.showTrace, () => host.showTrace()),
    commands.registerCommand(COMMANDS.stop, () => {
      host.stop();
    }),
  );
  return host;
}
