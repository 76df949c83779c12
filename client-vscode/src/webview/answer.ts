import { type TemplateResult, html, nothing } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';

import { type About, type Answer, type FoldedAnswer, type Mishap, isOpen } from '../ask/conversation';
import { textButton, words } from './controls';
import { evidence } from './evidence';
import { following } from './following';
import { foot } from './foot';
import { type IconName, icon } from './icons';
import { rendered } from './markdown';
import type { Page } from './page';

/** An old answer: its question, which opens it. */
export function foldedAnswer(page: Page, { id, question }: FoldedAnswer): TemplateResult {
  const unfold = (): void => {
    page.unfold(id);
  };
  return html`<article class="answer folded">
    <button type="button" class="fold" aria-expanded="false" @click=${unfold}>
      ${icon('chevronRight')}<span>${question.text}</span>
    </button>
  </article>`;
}

/** The id of the heading that an answer's question is. */
export function questionId(id: number): string {
  return `question-${id}`;
}

/** A question and all that came of it. */
export function wholeAnswer(page: Page, answer: Answer, isLast: boolean): TemplateResult {
  const { id, question, state, text, citations, spans } = answer;
  const said = guard([text, citations, answer.evidence, spans], () => body(page, answer));
  const below = guard([answer, page.state.evidence], () => evidence(page, answer));
  return html`<article class="answer ${state}" aria-busy=${isOpen(answer)} aria-labelledby=${questionId(id)}>
    <h2 class="question" id=${questionId(id)} tabindex="-1">${question.text}</h2>
    ${question.about === undefined ? nothing : about(question.about)}
    ${answer.forgotten === true ? remark('info', 'The model no longer knew what was said before this.') : nothing}
    ${said} ${below} ${isOpen(answer) ? running(answer) : nothing}
    ${state === 'stopped' ? remark('stop', 'Stopped.') : nothing}
    ${answer.mishap === undefined ? nothing : mishap(page, id, answer.mishap)} ${foot(page, answer, isLast)}
  </article>`;
}

function about({ label }: About): TemplateResult {
  return html`<p class="about">
    ${icon('references')}<span class="about-label"><bdi>${label}</bdi></span>
  </p>`;
}

function remark(name: IconName, sentence: string): TemplateResult {
  return html`<p class="remark">${icon(name)}<span>${sentence}</span></p>`;
}

function body(page: Page, answer: Answer): TemplateResult | typeof nothing {
  return answer.text.trim() === ''
    ? nothing
    : html`<div class="words" @click=${following(page, answer.id)}>${rendered(answer)}</div>`;
}

function running({ step, state, text }: Answer): TemplateResult {
  const ordinary = state === 'waiting' ? 'Waiting for its turn' : text === '' ? 'Thinking' : 'Writing';
  return html`<p class="progress">
    ${icon('loading')}
    <span class="progress-step">${words(step?.message ?? ordinary)}</span>
    ${step?.percent === undefined ? nothing : html`<span class="percent">${step.percent} %</span>`}
  </p>`;
}

function mishap({ post }: Page, id: number, { sentence, hint, mend }: Mishap): TemplateResult {
  const mending =
    mend === undefined
      ? nothing
      : textButton('primary', mend.title, () => {
          post({ type: 'mend', id });
        });
  const again = textButton(mend === undefined ? 'primary' : 'secondary', 'Retry', () => {
    post({ type: 'retry', id });
  });
  return html`<section class="mishap" role="alert">
    ${icon('error')}
    <div>
      <p>${words(sentence)}</p>
      ${hint === '' ? nothing : html`<p class="hint">${words(hint)}</p>`}
      <p class="buttons">${mending} ${again}</p>
    </div>
  </section>`;
}
