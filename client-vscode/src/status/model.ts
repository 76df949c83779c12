import {
  CancellationTokenSource,
  type QuickInputButton,
  type QuickPickItem,
  ThemeIcon,
  commands,
  window,
} from 'vscode';

import { COMMANDS } from '../commands';
import type { Parts } from '../parts';
import type { ModelInfo, ModelResult } from '../protocol';
import { bytesInWords } from '../bytes';

const REMOVE: QuickInputButton = { iconPath: new ThemeIcon('trash'), tooltip: 'Remove from disk' };

interface ModelItem extends QuickPickItem {
  readonly model: ModelInfo;
}

/** Lets the person choose among the models; one that is not there yet is set up. */
export async function selectModel(parts: Parts): Promise<void> {
  const picker = window.createQuickPick<ModelItem>();
  picker.title = 'Select Model';
  picker.matchOnDescription = true;
  const fill = (result: ModelResult): void => {
    picker.items = result.models.map((model) => item(model, result.current));
    picker.placeholder = placeholder(result);
    picker.busy = false;
  };
  picker.onDidAccept(() => {
    const chosen = picker.selectedItems[0]?.model;
    picker.hide();
    if (chosen !== undefined) {
      void told(parts, () => use(parts, chosen));
    }
  });
  picker.onDidTriggerItemButton((event) => {
    picker.hide();
    void told(parts, () => remove(parts, event.item.model));
  });
  const hidden = new CancellationTokenSource();
  picker.onDidHide(() => {
    hidden.cancel(); // nobody waits for the list any more, nor wants to hear why it does not come
    hidden.dispose();
    picker.dispose();
  });
  picker.busy = true;
  picker.show();
  try {
    fill(await parts.connection.model({ action: 'list' }, {}, hidden.token));
  } catch (error) {
    picker.hide();
    parts.failures.tell(error);
  }
}

/** Has the model leave memory; the next question brings it back. */
export async function unloadModel(parts: Parts): Promise<void> {
  await told(parts, async () => {
    await parts.connection.model({ action: 'unload' });
  });
}

function item(model: ModelInfo, current: string | null): ModelItem {
  return {
    model,
    label: `${model.recipe === current ? '$(check) ' : ''}${model.title}`,
    description: model.recipe,
    detail: whereabouts(model),
    buttons: model.built ? [REMOVE] : [],
  };
}

function whereabouts({ built, outdated, bytesOnDisk }: ModelInfo): string {
  if (!built) {
    return 'not there yet: choosing it sets it up';
  }
  const size = bytesOnDisk === undefined ? '' : ` · ${bytesInWords(bytesOnDisk)}`;
  return `on disk${size}${outdated ? ' · of an earlier version: choosing it makes it anew' : ''}`;
}

function placeholder({ models, current }: ModelResult): string {
  return current === null || models.some(({ recipe }) => recipe === current)
    ? 'The model that answers'
    : `The endpoint ${current} answers, as the setting inglenook.model.endpoint says`;
}

/** What is on disk answers at once; set-up then offers what there is of it in this version. */
async function use({ connection }: Parts, { recipe, built, outdated }: ModelInfo): Promise<void> {
  if (built) {
    await connection.model({ action: 'use', recipe });
  }
  if (!built || outdated) {
    await commands.executeCommand(COMMANDS.setUp, recipe);
  }
}

async function remove({ connection }: Parts, { recipe, title, bytesOnDisk }: ModelInfo): Promise<void> {
  const detail = bytesOnDisk === undefined ? '' : `This frees ${bytesInWords(bytesOnDisk)}. `;
  const answer = await window.showWarningMessage(
    `Remove ${title} from this machine?`,
    { modal: true, detail: `${detail}It can be built again.` },
    'Remove',
  );
  if (answer === 'Remove') {
    await connection.model({ action: 'remove', recipe });
  }
}

async function told({ failures }: Parts, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    failures.tell(error);
  }
}
