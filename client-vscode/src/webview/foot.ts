import { type TemplateResult, html, nothing } from 'lit-html';

import { type Answer, isOpen, spansOf } from '../ask/conversation';
import { slowness } from '../ask/slowness';
import { timingLine } from '../ask/timing';
import { disclosure, iconButton } from './controls';
import type { Page } from './page';
import { toggled } from './state';
import { traceTree } from './trace';

/** What stands below an answer: how long it took, its trace, and what can be done with it. */
export function foot(page: Page, answer: Answer, isLast: boolean): TemplateResult {
  const { id, trace } = answer;
  return html`<footer>
    ${trace === undefined ? nothing : html`<p class="timing">${timingLine(trace)}</p>`}
    <div class="foot-row">
      <div class="disclosures">${traceToggle(page, answer)} ${whyToggle(page, answer)}</div>
      ${isOpen(answer) ? nothing : tools(page, answer, isLast)}
    </div>
    ${
      trace !== undefined && page.state.whys.has(id)
        ? html`<p class="why" role="status">${slowness(trace)}</p>`
        : nothing
    }
    ${page.state.traces.has(id) ? traceTree(page, answer) : nothing}
  </footer>`;
}

function traceToggle({ state, update }: Page, answer: Answer): TemplateResult | typeof nothing {
  return spansOf(answer).length === 0
    ? nothing
    : disclosure('Trace', state.traces.has(answer.id), () => {
        update((now) => ({ ...now, traces: toggled(now.traces, answer.id) }));
      });
}

function whyToggle({ state, update }: Page, { id, trace }: Answer): TemplateResult | typeof nothing {
  return trace === undefined
    ? nothing
    : disclosure('Why was this slow?', state.whys.has(id), () => {
        update((now) => ({ ...now, whys: toggled(now.whys, id) }));
      });
}

function tools(page: Page, { id, state, text }: Answer, isLast: boolean): TemplateResult {
  const { post, confirm } = page;
  const copied = `copy-${id}`;
  const ofText = [
    iconButton(page.state.done === copied ? 'check' : 'copy', 'Copy', () => {
      post({ type: 'copy', id });
      confirm(copied);
    }),
    iconButton('goToFile', 'Open as Document', () => {
      post({ type: 'openDocument', id });
    }),
  ];
  const again = iconButton('refresh', isLast ? 'Retry' : 'Ask Again', () => {
    post({ type: 'retry', id });
  });
  return html`<div class="tools">${text === '' ? nothing : ofText} ${state === 'failed' ? nothing : again}</div>`;
}
