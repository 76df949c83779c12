import type { Span, SpanName, Trace } from '../protocol';
import { cachedPercent, count, duration, isTool } from './timing';

/** An answer that took less was not slow. */
const QUICK_MS = 3000;

/** Where the time of an answer went. */
interface Share {
  readonly ms: number;
  /** Completes “the longest part was …”. */
  readonly what: string;
  /** Completes “… of 12.0 s went into …”. */
  readonly why: string;
}

/** Says in one sentence where the time of an answer went. */
export function slowness(trace: Trace): string {
  const [longest] = shares(trace).toSorted((one, other) => other.ms - one.ms);
  const total = duration(trace.totalMs);
  if (longest === undefined || longest.ms === 0) {
    return `It took ${total}, and no step of it was measured.`;
  }
  if (trace.totalMs < QUICK_MS) {
    return `It was not slow: of ${total}, ${duration(longest.ms)} went into ${longest.what}.`;
  }
  return `${duration(longest.ms)} of ${total} went into ${longest.what}${longest.why}.`;
}

function shares(trace: Trace): Share[] {
  const { spans, timing } = trace;
  const sum = (...names: SpanName[]): number =>
    spans.reduce((ms, span) => ms + (names.includes(span.name) ? span.ms : 0), 0);
  const fresh = count(timing.promptTokens - timing.cachedTokens);
  const written = `${count(timing.outputTokens)} ${timing.outputTokens === 1 ? 'token' : 'tokens'}`;
  return [
    { ms: sum('load'), what: 'loading the model into memory', why: ': it was not there yet' },
    { ms: sum('queue'), what: 'waiting in the queue', why: ': the model was busy with another request' },
    {
      ms: sum('prefill'),
      what: `reading ${fresh} tokens of prompt`,
      why: `: only ${cachedPercent(timing)} % of it was held from before`,
    },
    {
      ms: sum('decode'),
      what: `writing ${written}`,
      why: `, at ${timing.decodeTokensPerSecond.toFixed(1)} tokens a second`,
    },
    ...slowestTool(spans),
    { ms: sum('lookup', 'verify'), what: 'looking up names and checking places', why: '' },
    { ms: unmeasured(trace), what: 'what no step accounts for', why: '' },
  ];
}

function slowestTool(spans: readonly Span[]): Share[] {
  const tools = spans.filter(isTool);
  const [slowest] = tools.toSorted((one, other) => other.ms - one.ms);
  if (slowest === undefined) {
    return [];
  }
  const calls = tools.length === 1 ? `one call of ${slowest.name}` : `${tools.length} calls of tools`;
  const why = tools.length === 1 ? '' : `, the slowest being ${slowest.name} with ${duration(slowest.ms)}`;
  return [{ ms: tools.reduce((ms, span) => ms + span.ms, 0), what: calls, why }];
}

function unmeasured({ totalMs, spans }: Trace): number {
  return Math.max(0, totalMs - spans.reduce((ms, span) => ms + span.ms, 0));
}
