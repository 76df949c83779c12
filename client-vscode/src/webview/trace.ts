import { type TemplateResult, html, nothing, svg } from 'lit-html';

import { type Answer, spansOf } from '../ask/conversation';
import { cachedPercent, count, duration, durationOf, rate } from '../ask/timing';
import type { Span, SpanName, Timing } from '../protocol';
import { bytesInWords } from '../bytes';
import { iconButton, words } from './controls';
import { type IconName, icon } from './icons';
import type { Page } from './page';
import { toggled } from './state';
import { onTreeFocus, onTreeKey } from './treeKeys';

/** What each step is to a person. */
const STEPS: Readonly<Record<SpanName, readonly [IconName, string]>> = {
  lookup: ['references', 'Looked up'],
  search: ['search', 'Searched'],
  symbols: ['symbols', 'Found'],
  read_file: ['file', 'Read'],
  run_command: ['terminal', 'Ran'],
  prefill: ['thinking', 'Thinking'],
  decode: ['edit', 'Writing'],
  queue: ['watch', 'Queue'],
  load: ['cloudDownload', 'Load'],
  verify: ['checkAll', 'Checked'],
};
/** Less memory than this is none to speak of. */
const LEAST_BYTES = 50_000_000;
/** A bar is at least so wide, in per cent of the axis. */
const THINNEST = 0.8;

/** What was done for an answer: its numbers, and each step on one time axis. */
export function traceTree(page: Page, answer: Answer): TemplateResult {
  const { id, trace } = answer;
  const total = durationOf(answer);
  return html`<section class="trace" aria-label="Trace">
    ${
      trace === undefined
        ? nothing
        : html`<div class="trace-head">
            ${figures(trace.timing, trace.model)}
            ${iconButton('exported', 'Export Trace', () => {
              page.post({ type: 'exportTrace', id });
            })}
          </div>`
    }
    <ul class="tree" role="tree" aria-label="Steps" @keydown=${onTreeKey} @focusin=${onTreeFocus}>
      ${spansOf(answer).map((span, number) => step(page, id, span, number, total))}
    </ul>
    <div class="axis" aria-hidden="true">
      ${[0, 0.5, 1].map((share) => html`<span>${share === 0 ? '0' : duration(share * total)}</span>`)}
    </div>
  </section>`;
}

function figures(timing: Timing, model: string): TemplateResult {
  const rows: readonly (readonly [string, string])[] = [
    ['First word', duration(timing.ttftMs)],
    ['Prompt', `${count(timing.promptTokens)} tokens, ${cachedPercent(timing)} % cached`],
    ['Reading', rate(timing.prefillTokensPerSecond)],
    ['Written', `${count(timing.outputTokens)} tokens, ${rate(timing.decodeTokensPerSecond)}`],
    ...(timing.peakMemoryBytes < LEAST_BYTES ? [] : [['Memory', bytesInWords(timing.peakMemoryBytes)] as const]),
    ['Model', model],
  ];
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function step(page: Page, id: number, span: Span, number: number, total: number): TemplateResult {
  const key = `${id}/${number}`;
  const isOpen = page.state.steps.has(key);
  const [name, label] = STEPS[span.name];
  const toggle = (): void => {
    page.update((state) => ({ ...state, steps: toggled(state.steps, key) }));
  };
  return html`<li
    role="treeitem"
    class=${span.error === undefined ? 'step' : 'step erroneous'}
    aria-expanded=${isOpen}
    tabindex=${number === 0 ? 0 : -1}
  >
    <div class="row" @click=${toggle}>
      ${icon(isOpen ? 'chevronDown' : 'chevronRight')} ${icon(span.error === undefined ? name : 'error')}
      <span class="step-words">
        ${label} <span class="dim">${words(span.summary)} · <code>${span.name}</code></span>
      </span>
      <span class="ms">${duration(span.ms)}</span>
      ${bar(span, total)}
    </div>
    ${
      isOpen
        ? html`<ul role="group">
            ${detailsOf(span).map(([what, value]) => detail(what, value))}
            ${span.locations.map((_place, index) => place(page, id, span, number, index))}
          </ul>`
        : nothing
    }
  </li>`;
}

function bar({ startMs, ms, name }: Span, total: number): TemplateResult {
  const share = (part: number): number => (total === 0 ? 0 : Math.min(100, Math.max(0, (100 * part) / total)));
  const width = Math.max(THINNEST, share(ms));
  return html`<svg class="bar" aria-hidden="true" focusable="false" width="100%" height="6">
    ${svg`<rect class="bar-${name}" x="${Math.min(share(startMs), 100 - width)}%" y="0" width="${width}%" height="6" rx="2"></rect>`}
  </svg>`;
}

function detailsOf({ arguments: given, summary, hits, error, startMs }: Span): (readonly [string, string])[] {
  return [
    ...Object.entries(given ?? {}).map(([name, value]) => [name, asText(value)] as const),
    ['result', error ?? summary],
    ...(hits === undefined ? [] : [['hits', count(hits)] as const]),
    ['began after', duration(startMs)],
  ];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function detail(name: string, value: string): TemplateResult {
  return html`<li role="treeitem" class="detail" tabindex="-1">
    <span class="dim">${name}</span> <span>${words(value)}</span>
  </li>`;
}

function place(page: Page, id: number, { locations }: Span, list: number, index: number): TemplateResult {
  const citation = locations[index];
  const open = ({ ctrlKey, metaKey }: MouseEvent): void => {
    page.post({ type: 'openPlace', id, list, index, aside: ctrlKey || metaKey });
  };
  const where = `${citation?.path ?? ''}:${(citation?.range.start.line ?? 0) + 1}`;
  return html`<li role="treeitem" class="detail" tabindex="-1" title=${`Open ${where}`} @click=${open}>
    <span class="place">${where}</span> <code class="line">${citation?.text.trim()}</code>
  </li>`;
}
