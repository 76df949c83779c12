import { type TemplateResult, html } from 'lit-html';

import { type IconName, icon } from './icons';

/** A button that is an icon; its title is its label. */
export function iconButton(name: IconName, title: string, onClick: () => void): TemplateResult {
  return html`<button type="button" class="icon-button" title=${title} aria-label=${title} @click=${onClick}>
    ${icon(name)}
  </button>`;
}

/** A button with words on it; `link` looks like words alone. */
export function textButton(look: 'primary' | 'secondary' | 'link', label: string, onClick: () => void): TemplateResult {
  const name = look === 'link' ? 'link' : `button ${look}`;
  return html`<button type="button" class=${name} @click=${onClick}>${label}</button>`;
}

/** A button that shows or hides what follows it. */
export function disclosure(label: string, open: boolean, onClick: () => void): TemplateResult {
  return html`<button type="button" class="disclosure" aria-expanded=${open} @click=${onClick}>
    ${icon(open ? 'chevronDown' : 'chevronRight')}<span>${label}</span>
  </button>`;
}

/** Words in which back-ticks mark code. */
export function words(text: string): TemplateResult {
  return html`${text.split('`').map((piece, at) => (at % 2 === 1 ? html`<code>${piece}</code>` : piece))}`;
}
