import { type Answer, spansOf } from './conversation';
import type { Span, SpanName, Trace } from '../protocol';

const TOOLS: ReadonlySet<SpanName> = new Set(['search', 'symbols', 'read_file', 'run_command']);

/** Whether a step is the call of a tool. */
export function isTool({ name }: Pick<Span, 'name'>): boolean {
  return TOOLS.has(name);
}

/** The line below an answer: `3.0 s · 2 tools · 96 % cached · 41 tok/s`. */
export function timingLine({ totalMs, spans, timing }: Trace): string {
  const tools = spans.filter(isTool).length;
  return [
    `${(totalMs / 1000).toFixed(1)} s`,
    `${tools} ${tools === 1 ? 'tool' : 'tools'}`,
    ...(timing.promptTokens === 0 ? [] : [`${cachedPercent(timing)} % cached`]),
    ...(timing.decodeTokensPerSecond === 0 ? [] : [`${Math.round(timing.decodeTokensPerSecond)} tok/s`]),
  ].join(' · ');
}

/** How much of the prompt was still held from an earlier turn, 0 to 100. */
export function cachedPercent({ promptTokens, cachedTokens }: Trace['timing']): number {
  return promptTokens === 0 ? 0 : Math.round((100 * cachedTokens) / promptTokens);
}

/** How long the steps of an answer took in all; the end of the last one while there is no trace. */
export function durationOf(answer: Answer): number {
  return answer.trace?.totalMs ?? Math.max(0, ...spansOf(answer).map(({ startMs, ms }) => startMs + ms));
}

/** Milliseconds for a person: `0.4 ms`, `34 ms`, `1.9 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1) {
    return `${ms.toFixed(1)} ms`;
  }
  if (Math.round(ms) < 1000) {
    return `${Math.round(ms)} ms`;
  }
  if (Math.round(ms / 100) < 600) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Tokens per second for a person: `9.4 tokens/s`, `1,840 tokens/s`. */
export function rate(tokensPerSecond: number): string {
  return `${tokensPerSecond < 100 ? tokensPerSecond.toFixed(1) : count(Math.round(tokensPerSecond))} tokens/s`;
}

/** A count for a person: `1,840`. */
export function count(number: number): string {
  return number.toLocaleString('en');
}
