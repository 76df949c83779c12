import type { ExtensionContext } from 'vscode';

import type { Subscription } from '../emitter';
import type { Parts } from '../parts';
import { createParticipant } from './participant';
import { registerTool } from './tool';

/**
 * Registers the chat participant and the language-model tool, where VS Code's chat is there. Nothing of ours depends
 * on either: an editor that lacks them, or refuses them, is as good.
 */
export function registerChat(context: ExtensionContext, parts: Parts): void {
  for (const register of [createParticipant, registerTool]) {
    const registered = whereThere(() => register(parts), parts);
    if (registered !== undefined) {
      context.subscriptions.push(registered);
    }
  }
}

/** Older editors, and those built without chat, throw: they have not all that the types promise. */
function whereThere(register: () => Subscription, { log }: Parts): Subscription | undefined {
  try {
    return register();
  } catch (error) {
    log.info(`Not offered to this editor’s chat: ${String(error)}`);
    return undefined;
  }
}
