import { type Answer, begun } from '../../src/ask/conversation';
import type { AskResult, Citation, Span, SpanName, Timing, Trace } from '../../src/protocol';

/** A checked place, by `path:line`. */
export function place(where: string, text = '', verified = true): Citation {
  const [path = '', line = '1'] = where.split(':');
  const at = { line: Number(line) - 1, character: 0 };
  return { uri: `file:///w/${path}`, path, range: { start: at, end: at }, text, verified };
}

export function span(name: SpanName, ms: number, more: Partial<Span> = {}): Span {
  return { name, summary: '', startMs: 0, ms, locations: [], ...more };
}

export function trace(spans: readonly Span[], totalMs: number, timing: Partial<Timing> = {}): Trace {
  return {
    id: 'ask-1',
    model: 'scripted',
    startedAt: '2026-01-01T00:00:00Z',
    totalMs,
    spans,
    timing: {
      promptTokens: 100,
      cachedTokens: 96,
      outputTokens: 20,
      ttftMs: 500,
      prefillTokensPerSecond: 40,
      decodeTokensPerSecond: 10.4,
      peakMemoryBytes: 0,
      ...timing,
    },
  };
}

export function result(answer: string, more: Partial<AskResult> = {}): AskResult {
  return {
    conversationId: 'one',
    answer,
    outcome: 'answered',
    citations: [],
    evidence: [],
    trace: trace([], 1000),
    ...more,
  };
}

export function answer(more: Partial<Answer> = {}): Answer {
  return { ...begun(1, { text: 'Which protocols are there?' }), state: 'answered', ...more };
}
