import {
  Disposable,
  LanguageStatusSeverity,
  MarkdownString,
  StatusBarAlignment,
  ThemeColor,
  languages,
  window,
} from 'vscode';

import { COMMANDS, MANAGE_TRUST } from '../commands';
import type { Parts } from '../parts';
import { type Description, describe } from './describe';
import { plain } from './plain';

const SEVERITIES = {
  information: LanguageStatusSeverity.Information,
  warning: LanguageStatusSeverity.Warning,
  error: LanguageStatusSeverity.Error,
} as const;

/** The state of server and engine in the status bar, and in the language status of every file. */
export function showEngine(parts: Parts): Disposable {
  const bar = window.createStatusBarItem('inglenook.engine', StatusBarAlignment.Right, 90);
  bar.name = 'Inglenook';
  bar.command = COMMANDS.showActions;
  const language = languages.createLanguageStatusItem('inglenook.engine', { scheme: 'file' });
  language.name = 'Inglenook';
  language.command = { title: 'Actions', command: COMMANDS.showActions };
  const show = (): void => {
    const description = describe(parts.server.state, parts.status.current, parts.trust.trusted);
    bar.text = `$(${description.icon}) ${description.text === '' ? 'Inglenook' : `Inglenook: ${description.text}`}`;
    bar.tooltip = tooltip(description);
    bar.backgroundColor = background(description);
    bar.accessibilityInformation = { label: `Inglenook: ${description.summary}` };
    language.text = plain(`Inglenook: ${description.summary}`);
    language.detail = plain(description.facts.map(([name, value]) => `${name}: ${value}`).join(' · '));
    language.severity = SEVERITIES[description.severity];
    language.busy = description.busy;
  };
  show();
  bar.show();
  return Disposable.from(
    bar,
    language,
    parts.server.onDidChangeState(show),
    parts.status.onDidChange(show),
    parts.trust.onDidGrant(show),
  );
}

function tooltip({ summary, facts, actions }: Description): MarkdownString {
  const text = new MarkdownString('**Inglenook** — ', true);
  text.appendText(summary);
  for (const [name, value] of facts) {
    text.appendMarkdown(`  \n${name}: `).appendText(value);
  }
  if (actions.includes(MANAGE_TRUST)) {
    text.isTrusted = { enabledCommands: [MANAGE_TRUST] };
    text.appendMarkdown(`  \n[Manage Workspace Trust](command:${MANAGE_TRUST})`);
  }
  return text;
}

/** Only what a person must act on is coloured. */
function background({ severity }: Description): ThemeColor | undefined {
  return severity === 'error' ? new ThemeColor('statusBarItem.errorBackground') : undefined;
}
