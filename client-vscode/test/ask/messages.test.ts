import { expect, test } from 'vitest';

import { parseMessage } from '../../src/ask/messages';
import { page } from '../../src/ask/page';
import { askRequest } from '../../src/ask/request';

test.each([
  { type: 'ready' },
  { type: 'ask', question: 'Which?' },
  { type: 'retry', id: 3 },
  { type: 'notice', command: 'workbench.trust.manage' },
  { type: 'copyCode', text: 'x = 1' },
  { type: 'openLink', url: 'https://example.org/' },
  { type: 'openPlace', id: 3, list: 'citations', index: 0, aside: false },
  { type: 'openPlace', id: 3, list: 4, index: 1, aside: true },
])('the view may send $type', (message) => {
  expect(parseMessage({ ...message, more: 'is left out' })).toEqual(message);
});

test.each([
  [undefined],
  ['ready'],
  [{}],
  [{ type: 'eval', text: 'x' }],
  [{ type: 'ask' }],
  [{ type: 'ask', question: '  ' }],
  [{ type: 'ask', question: 'x'.repeat(200_000) }],
  [{ type: 'retry', id: '3' }],
  [{ type: 'notice' }],
  [{ type: 'retry', id: -1 }],
  [{ type: 'openLink', url: 'command:workbench.action.quit' }],
  [{ type: 'openLink', url: 'http://example.org/' }],
  [{ type: 'openPlace', id: 3, list: 'spans', index: 0, aside: false }],
  [{ type: 'openPlace', id: 3, list: 'citations', index: 0.5, aside: false }],
])('%j is no message', (data) => {
  expect(parseMessage(data)).toBeUndefined();
});

test('Ask takes a question, a selection, both, or nothing', () => {
  const context = {
    textDocument: { uri: 'file:///w/a.py' },
    range: { start: { line: 1, character: 0 }, end: { line: 2, character: 4 } },
  };
  expect(askRequest(' Which? ')).toEqual({ question: 'Which?' });
  expect(askRequest({ question: 'Which?', context, more: 1 })).toEqual({ question: 'Which?', context });
  expect(askRequest({ context })).toEqual({ context });
  expect(askRequest(undefined)).toEqual({});
  expect(askRequest({ question: 3, context: { textDocument: 'a.py' } })).toEqual({});
  const before = { ...context.range, start: { line: -1, character: 0 } };
  expect(askRequest({ context: { ...context, range: before } })).toEqual({});
});

test('the page runs one script, and loads nothing else but its style', () => {
  const html = page({ script: 'webview.js', style: 'webview.css', source: 'https://view', nonce: 'abc' });
  expect(html).toContain(`content="default-src 'none'; script-src 'nonce-abc'; style-src https://view"`);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).not.toMatch(/unsafe|style=|onclick/);
});
