import { describe, expect, test } from 'vitest';

import { NOTHING, after, cut } from '../src/chat/places';
import { conversationOf } from '../src/chat/thread';
import { resultText } from '../src/chat/toolText';
import { AnswerWriter, type Page } from '../src/chat/writer';
import type { AskResult, Citation, Span } from '../src/protocol';
import { hit, result } from './searchHits';

function citation(path: string, line: number, verified = true): Citation {
  const range = { start: { line: line - 1, character: 0 }, end: { line: line - 1, character: 9 } };
  return { uri: `file:///${path}`, path, range, text: '', verified };
}

const BASKET = citation('shop/core.py', 44);
const TILL = citation('shop/till.py', 12);

function span(name: Span['name'], summary: string): Span {
  return { name, summary, startMs: 0, ms: 1, locations: [] };
}

/** A page that keeps what was written, one line for each call. */
function page(): { readonly page: Page; readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    page: {
      words: (text) => written.push(text),
      place: ({ uri }, title) => written.push(`<${title} ${uri}>`),
      reference: ({ path }) => written.push(`see ${path}`),
      step: (summary) => written.push(`… ${summary}`),
    },
  };
}

function answered(changes: Partial<AskResult>): AskResult {
  return { answer: '', citations: [], evidence: [], ...changes } as AskResult;
}

function titles(text: string, citations: readonly Citation[], before = NOTHING): readonly string[] {
  return cut(text, citations, before).map((piece) => (piece.kind === 'place' ? `<${piece.title}>` : piece.text));
}

describe('places among words', () => {
  test('are links, bare or in back ticks, by the whole path or its end', () => {
    expect(titles('See shop/core.py:44 and `till.py:12-14`.', [BASKET, TILL])).toEqual([
      'See ',
      '<shop/core.py:44>',
      ' and ',
      '<till.py:12-14>',
      '.',
    ]);
  });

  test('that were not checked, or are not known, are words', () => {
    const text = 'core.py:45, core.py:44';
    expect(titles(text, [citation('shop/core.py', 44, false)])).toEqual([text]);
    expect(titles('more.py:44', [BASKET])).toEqual(['more.py:44']);
  });

  test('are code where code is', () => {
    expect(titles('`open shop/core.py:44 now`', [BASKET])).toEqual(['`open shop/core.py:44 now`']);
    expect(titles('# shop/core.py:44', [BASKET], after(NOTHING, '```py\n'))).toEqual(['# shop/core.py:44']);
    expect(titles('shop/core.py:44', [BASKET], after(NOTHING, '```py\nx\n```\n'))).toEqual(['<shop/core.py:44>']);
    const shown = after(NOTHING, '````text\n```py\nx\n```\n');
    expect(titles('shop/core.py:44', [BASKET], shown)).toEqual(['shop/core.py:44']);
    expect(titles('shop/core.py:44', [BASKET], after(shown, '````\n'))).toEqual(['<shop/core.py:44>']);
  });
});

describe('an answer', () => {
  test('is written as it comes, its places as links', () => {
    const { page: to, written } = page();
    const writer = new AnswerWriter(to);
    writer.take({ kind: 'span', span: span('search', '2 hits') });
    writer.take({ kind: 'span', span: span('decode', 'said') });
    writer.take({ kind: 'text', delta: 'It is in `core.py:44`' });
    expect(written).toEqual(['… 2 hits']);
    writer.take({ kind: 'citation', citation: BASKET });
    writer.take({ kind: 'text', delta: '.' });
    writer.take({ kind: 'text', delta: '\n\n- `shop/till.py:12`' });
    writer.finish(answered({ citations: [BASKET], evidence: [TILL] }));
    expect(written.slice(1)).toEqual([
      'It is in ',
      '<core.py:44 file:///shop/core.py>',
      'see shop/core.py',
      '.',
      '\n\n- ',
      '<shop/till.py:12 file:///shop/till.py>',
      'see shop/till.py',
    ]);
  });

  test('forgets what was withdrawn before it was shown, and ends the paragraph of what was', () => {
    const { page: to, written } = page();
    const writer = new AnswerWriter(to);
    writer.take({ kind: 'text', delta: 'Never mind.' });
    writer.take({ kind: 'reset' });
    writer.take({ kind: 'text', delta: 'Let me ' });
    writer.take({ kind: 'text', delta: 'look.' });
    writer.take({ kind: 'reset' });
    writer.take({ kind: 'text', delta: 'Here.' });
    writer.stop();
    expect(written).toEqual(['Let me ', '\n\n', 'Here.']);
  });

  test('that did not come in pieces is written whole', () => {
    const { page: to, written } = page();
    new AnswerWriter(to).finish(answered({ answer: 'Nothing was found.' }));
    expect(written).toEqual(['Nothing was found.']);
  });
});

describe('a chat', () => {
  const ours = { participant: 'us', result: { metadata: { conversationId: 'c1' } } };

  test('goes on with the conversation of its last answer of ours', () => {
    const theirs = { participant: 'them', result: { metadata: { conversationId: 'x' } } };
    expect(conversationOf([ours, { participant: 'us' }, theirs], 'us')).toBe('c1');
  });

  test('begins one where there is none', () => {
    expect(conversationOf([], 'us')).toBeUndefined();
    expect(conversationOf([ours, { participant: 'us', result: {} }], 'us')).toBeUndefined();
  });
});

describe('the tool', () => {
  test('says where, with the line', () => {
    const text = resultText('Basket', result({ hits: [hit(), hit({ kind: 'text', text: '  Basket()' })], total: 9 }));
    expect(text.split('\n')).toEqual([
      '9 places match `Basket`; the best 2:',
      'shop/core.py:44: class Basket: (class [Basket])',
      'shop/core.py:44: Basket() (text [Basket])',
    ]);
  });

  test('says what to know of the result', () => {
    const freshness = { files: 3, stale: 4, note: 'Words cover 3 files.' };
    expect(resultText('x', result({ note: 'Case was ignored.', freshness })).split('\n')).toEqual([
      'Nothing matches `x`.',
      'Case was ignored.',
      'Words cover 3 files.',
      '4 files are not indexed yet; there may be more.',
    ]);
  });
});
