import { type TemplateResult, html, nothing } from 'lit-html';

import type { Answer } from '../ask/conversation';
import { textButton } from './controls';
import { following } from './following';
import { placesIn } from '../ask/inWords';
import type { Page } from './page';
import { type Resolved, unnamedEvidence } from '../ask/resolve';
import { toggled } from './state';

/** So many rows are shown before the rest is asked for. */
const FEW_ROWS = 5;

/** The rows that answer a question and that its words do not name. */
export function evidence(page: Page, answer: Answer): TemplateResult | typeof nothing {
  const rows = unnamedEvidence(answer, placesIn(answer.text));
  if (rows.length === 0) {
    return nothing;
  }
  const isWhole = page.state.evidence.has(answer.id) || rows.length <= FEW_ROWS + 1;
  const showAll = (): void => {
    page.update((state) => ({ ...state, evidence: toggled(state.evidence, answer.id) }));
  };
  return html`<section class="evidence" aria-label="Evidence">
    <h3>Evidence</h3>
    <ul @click=${following(page, answer.id)}>
      ${(isWhole ? rows : rows.slice(0, FEW_ROWS)).map(row)}
    </ul>
    ${isWhole ? nothing : textButton('link', `Show all ${rows.length}`, showAll)}
  </section>`;
}

function row({ list, index, citation: { path, range, text } }: Resolved): TemplateResult {
  const place = `${path}:${range.start.line + 1}`;
  return html`<li>
    <a class="place" href="#" data-list=${list} data-index=${index} title=${place}>${place}</a>
    <code class="line">${text.trim()}</code>
  </li>`;
}
