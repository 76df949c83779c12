// @vitest-environment jsdom
import { expect, test } from 'vitest';

import type { Answer } from '../../src/ask/conversation';
import { rendered } from '../../src/webview/markdown';
import { answer, place } from '../ask/samples';

function html(text: string, more: Partial<Answer> = {}): string {
  const box = document.createElement('div');
  box.append(rendered(answer({ text, ...more })));
  return box.innerHTML.trim();
}

test('a checked place is a link to where the extension finds it', () => {
  expect(html('It is `a.py:3`.', { citations: [place('a.py:3', 'class A:')] })).toBe(
    '<p>It is <a class="place" href="#" data-list="citations" data-index="0" title="class A:">a.py:3</a>.</p>',
  );
});

test('a place that could not be checked is marked, and no link', () => {
  const text = html('It is a.py:400 (unverified).', { citations: [place('a.py:400', '', false)] });
  expect(text).toContain('<s>a.py:400</s> <small>unverified</small></span>.');
  expect(text).not.toContain('<a ');
});

test('a place that nobody has checked yet is code', () => {
  expect(html('It is a.py:3.')).toBe('<p>It is <code>a.py:3</code>.</p>');
});

test('places in code stay as they were written', () => {
  const citations = [place('a.py:3')];
  expect(html('```\nat a.py:3\n```', { citations })).toContain('<code>at a.py:3\n</code>');
  expect(html('`` raise at `a.py:3` ``', { citations })).toContain('<code>raise at `a.py:3`</code>');
});

test('code is highlighted, and can be copied', () => {
  const text = html('```python\ndef f(): pass\n```');
  expect(text).toContain('<span class="hljs-keyword">def</span>');
  expect(text).toContain('aria-label="Copy Code"');
});

test.each([
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '![x](https://example.org/x.png)',
  '[x](javascript:alert(1))',
  '[x](command:workbench.action.quit)',
  '[x](http://example.org/)',
  '[x](data:text/html,x)',
  '```"><img src=x>\nx\n```',
  '\uE0000\uE001 \uE0007\uE001',
])('%j runs, loads and opens nothing', (text) => {
  const box = document.createElement('div');
  box.append(rendered(answer({ text })));
  expect(box.querySelector('img, script, iframe, style, form, [onerror]')).toBeNull();
  const links = [...box.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? '');
  expect(links.filter((href) => !href.startsWith('https://example.org'))).toEqual([]);
});

test('a link to a site says where it goes', () => {
  expect(html('[docs](https://example.org/a?b="c")')).toContain('title="https://example.org/a?b=%22c%22"');
});

test('words that are still being written are rendered as far as they go', () => {
  expect(html('Look:\n\n```python\ndef f(')).toContain('<span class="hljs-keyword">def</span>');
  expect(html('**bold')).toBe('<p>**bold</p>');
});
