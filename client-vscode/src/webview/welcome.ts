import { type TemplateResult, html } from 'lit-html';
import { unsafeSVG } from 'lit-html/directives/unsafe-svg.js';

import hearth from '../../media/view.svg';
import { icon } from './icons';
import type { Page } from './page';

/** Questions that most codebases can answer: one for each way of looking. */
const EXAMPLES = ['Which classes inherit from Exception?', 'Where are the settings read?', 'What changed last?'];

/** What an empty view says: what this is, and what to ask. */
export function welcome({ post }: Page): TemplateResult {
  return html`<section class="welcome" aria-labelledby="welcome">
    <span class="hearth" aria-hidden="true">${unsafeSVG(hearth)}</span>
    <h2 id="welcome">Ask your codebase</h2>
    <p>
      A model of your own looks things up in your files and answers. Every place that it names is checked against them,
      and each step can be seen.
    </p>
    <ul class="examples" aria-label="Examples">
      ${EXAMPLES.map(
        (question) =>
          html`<li>
            <button
              type="button"
              class="example"
              @click=${() => {
                post({ type: 'ask', question });
              }}
            >
              ${icon('search')}<span>${question}</span>
            </button>
          </li>`,
      )}
    </ul>
  </section>`;
}
