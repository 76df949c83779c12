import { type TemplateResult, html, nothing } from 'lit-html';

import type { Notice } from '../ask/notice';
import { textButton } from './controls';
import { type IconName, icon } from './icons';
import type { Page } from './page';

const ICONS: Readonly<Record<Notice['severity'], IconName>> = {
  busy: 'loading',
  information: 'info',
  warning: 'warning',
  error: 'error',
};

/** The quiet lines about engine, server and trust. */
export function noticeLines({ state: { notices }, post }: Page): TemplateResult {
  return html`<div role="status">${notices.map((notice) => line(notice, post))}</div>`;
}

function line({ severity, text, action }: Notice, post: Page['post']): TemplateResult {
  const button =
    action === undefined
      ? nothing
      : textButton('link', action.title, () => {
          post({ type: 'notice', command: action.command });
        });
  return html`<p class="notice ${severity}">${icon(ICONS[severity])}<span>${text} ${button}</span></p>`;
}
