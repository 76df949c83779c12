import { Disposable, LanguageStatusSeverity, languages } from 'vscode';

import type { Parts } from '../parts';
import type { IndexStatus } from '../protocol';
import { indexSummary } from './describe';

const OFF: IndexStatus = { state: 'off', files: 0, stale: 0 };

/** The index, in the language status of every file. Its progress in the status bar is the server's own. */
export function showIndex({ status }: Parts): Disposable {
  const item = languages.createLanguageStatusItem('inglenook.index', { scheme: 'file' });
  item.name = 'Inglenook Index';
  const show = (): void => {
    const index = status.current?.index ?? OFF;
    item.text = `Index: ${indexSummary(index)}`;
    item.busy = index.state === 'starting' || index.state === 'indexing';
    item.severity = index.state === 'direct' ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
  };
  show();
  return Disposable.from(item, status.onDidChange(show));
}
