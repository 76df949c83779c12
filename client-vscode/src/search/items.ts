import { type QuickInputButton, type QuickPickItem, QuickPickItemKind, ThemeIcon } from 'vscode';

import type { PrefixedKind } from './query';
import type { Choice, Row } from './rows';

/** A row of the search box. */
export interface Item extends QuickPickItem {
  readonly choice: Choice;
}

interface KindButton extends QuickInputButton {
  readonly kind: PrefixedKind;
}

const TO_SIDE: QuickInputButton = { iconPath: new ThemeIcon('split-horizontal'), tooltip: 'Open to the Side' };

/** They type the prefixes, for whoever does not know them by heart. */
export const KIND_BUTTONS: readonly KindButton[] = [
  { kind: 'symbol', iconPath: new ThemeIcon('symbol-method'), tooltip: 'Names Only (@)' },
  { kind: 'regex', iconPath: new ThemeIcon('regex'), tooltip: 'Regular Expression (/)' },
  { kind: 'exact', iconPath: new ThemeIcon('whole-word'), tooltip: 'Exact Text (")' },
];

/** The kind that one of the buttons above stands for. */
export function kindOf(button: QuickInputButton): PrefixedKind {
  return (button as KindButton).kind;
}

/** A row as VS Code lists it. */
export function itemOf({ icon, choice, ...row }: Row): Item {
  if (choice === 'separator') {
    return { ...row, kind: QuickPickItemKind.Separator, choice: { kind: 'none' } };
  }
  return {
    ...row,
    choice,
    alwaysShow: true, // the server has chosen already
    ...(icon === undefined ? {} : { iconPath: new ThemeIcon(icon) }),
    ...(choice.kind === 'open' ? { buttons: [TO_SIDE] } : {}),
  };
}
