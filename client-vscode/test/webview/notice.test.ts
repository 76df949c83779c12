// @vitest-environment jsdom
import { render } from 'lit-html';
import { expect, test } from 'vitest';

import type { FromView } from '../../src/ask/messages';
import type { Notice } from '../../src/ask/notice';
import { noticeLines } from '../../src/webview/notice';
import type { Page } from '../../src/webview/page';
import { EMPTY, told } from '../../src/webview/state';

const LOADING: Notice = { severity: 'busy', text: 'The model is being loaded: 40 %' };
const RESTRICTED: Notice = {
  severity: 'information',
  text: 'Restricted Mode: <b>no</b> command is run.',
  action: { title: 'Manage Workspace Trust', command: 'workbench.trust.manage' },
};

function shown(...notices: readonly Notice[]): { readonly box: HTMLElement; readonly posted: readonly FromView[] } {
  const posted: FromView[] = [];
  const box = document.createElement('div');
  const page: Page = {
    state: told(EMPTY, { type: 'notices', notices }),
    post: (message) => {
      posted.push(message);
    },
    update: () => undefined,
    unfold: () => undefined,
    confirm: () => undefined,
  };
  render(noticeLines(page), box);
  return { box, posted };
}

test('each notice is a line, the words as they are', () => {
  const lines = [...shown(LOADING, RESTRICTED).box.querySelectorAll('.notice > :not(.icon)')];
  expect(lines.map((line) => line.textContent.replace(/\s+/g, ' ').trim())).toEqual([
    'The model is being loaded: 40 %',
    'Restricted Mode: <b>no</b> command is run. Manage Workspace Trust',
  ]);
});

test('its button asks for what the notice offers', () => {
  const { box, posted } = shown(LOADING, RESTRICTED);
  const [button] = box.querySelectorAll('button');
  button?.click();
  expect(posted).toEqual([{ type: 'notice', command: 'workbench.trust.manage' }]);
});

test('without notices nothing is shown', () => {
  expect(shown().box.querySelector('.notice, button')).toBeNull();
});
