import { type QuickPickItem, commands, window } from 'vscode';

import { COMMANDS, MANAGE_TRUST } from '../commands';
import type { Parts } from '../parts';
import { type ActionId, type Description, describe } from './describe';

/** How each action is called in the menu behind the status-bar item. */
const TITLES: Readonly<Partial<Record<ActionId, string>>> = {
  [COMMANDS.ask]: '$(comment-discussion) Ask Codebase',
  [COMMANDS.search]: '$(search) Search Code',
  [COMMANDS.stop]: '$(debug-stop) Stop',
  [COMMANDS.selectModel]: '$(versions) Select Model…',
  [COMMANDS.unloadModel]: '$(chrome-minimize) Unload Model',
  [COMMANDS.setUp]: '$(cloud-download) Set Up Model…',
  [COMMANDS.restartServer]: '$(debug-restart) Restart Server',
  [COMMANDS.showLog]: '$(output) Show Log',
  [COMMANDS.reportProblem]: '$(bug) Report Problem…',
  [MANAGE_TRUST]: '$(shield) Manage Workspace Trust',
};

interface ActionItem extends QuickPickItem {
  readonly command: ActionId;
}

/** Offers what makes sense in the present state. */
export async function showActions({ server, status, trust }: Parts): Promise<void> {
  const description = describe(server.state, status.current, trust.trusted);
  const chosen = await window.showQuickPick(items(description), {
    title: 'Inglenook',
    placeHolder: description.summary,
  });
  if (chosen !== undefined) {
    await commands.executeCommand(chosen.command);
  }
}

function items({ actions }: Description): ActionItem[] {
  return actions.map((command) => ({ label: TITLES[command] ?? command, command }));
}
