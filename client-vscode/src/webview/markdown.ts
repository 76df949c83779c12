import DOMPurify from 'dompurify';
import MarkdownIt, { type MarkdownIt as Markdown } from 'markdown-it';

import type { Answer } from '../ask/conversation';
import { highlighted } from './highlight';
import { type NamedPlace, placesIn } from '../ask/inWords';
import { resolve } from '../ask/resolve';

// A place stands in the Markdown as its number between two characters that no text has, until all else is rendered.
const [OPEN, CLOSE] = ['\uE000', '\uE001'];
const MARKER = new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'g');
const RESERVED = new RegExp(`[${OPEN}${CLOSE}]`, 'g');
const UNVERIFIED = 'This place could not be checked against the files.';

type Rules = Markdown['renderer']['rules'];

const ALLOWED_TAGS = [
  ...['a', 'blockquote', 'br', 'button', 'code', 'del', 'div', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li'],
  ...['ol', 'p', 'pre', 's', 'small', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'],
];
const ALLOWED_ATTR = [
  ...['aria-label', 'class', 'data-index', 'data-link', 'data-list', 'href', 'start', 'tabindex', 'title', 'type'],
];

/** Renders the words of an answer: sanitised, with the places in it as links or visibly marked. */
export function rendered(answer: Answer): DocumentFragment {
  const text = answer.text.replace(RESERVED, '');
  const places = placesIn(text);
  const html = renderer(answer, text, places).render(marked(text, places));
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS,
    ALLOWED_ATTR,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}

function marked(text: string, places: readonly NamedPlace[]): string {
  let [result, from] = ['', 0];
  places.forEach(({ start, end }, number) => {
    result += `${text.slice(from, start)}${OPEN}${number}${CLOSE}`;
    from = end;
  });
  return result + text.slice(from);
}

function renderer(answer: Answer, text: string, places: readonly NamedPlace[]): Markdown {
  const markdown = new MarkdownIt({ html: false, linkify: false });
  const { escapeHtml } = markdown.utils;
  /** The words of the places as they were written, where nothing can be a link. */
  const restored = (content: string): string =>
    content.replace(MARKER, (_whole, number: string) => {
      const place = places[Number(number)];
      return place === undefined ? '' : text.slice(place.start, place.end);
    });
  const linked = (content: string): string =>
    escapeHtml(content).replace(MARKER, (_whole, number: string) => {
      const place = places[Number(number)];
      return place === undefined ? '' : placeHtml(answer, place, escapeHtml);
    });
  markdown.disable('image');
  markdown.validateLink = (url) => /^https:\/\//i.test(url);
  Object.assign(markdown.renderer.rules, {
    text: (tokens, index) => linked(tokens[index]?.content ?? ''),
    code_inline: (tokens, index) => `<code>${escapeHtml(restored(tokens[index]?.content ?? ''))}</code>`,
    code_block: (tokens, index) => codeHtml(restored(tokens[index]?.content ?? ''), '', escapeHtml),
    fence: (tokens, index) => {
      const { content = '', info = '' } = tokens[index] ?? {};
      return codeHtml(restored(content), info.trim().split(/\s/)[0] ?? '', escapeHtml);
    },
    link_open: (tokens, index) => {
      const url = escapeHtml(String(tokens[index]?.attrGet('href') ?? ''));
      return `<a href="${url}" data-link="${url}" title="${url}">`;
    },
  } satisfies Rules);
  return markdown;
}

function placeHtml(answer: Answer, place: NamedPlace, escaped: (text: string) => string): string {
  const label = escaped(place.label);
  const found = resolve(answer, place);
  if (place.unverified || found?.citation.verified === false) {
    return `<span class="unverified" title="${UNVERIFIED}"><s>${label}</s> <small>unverified</small></span>`;
  }
  if (found === undefined) {
    return `<code>${label}</code>`;
  }
  const title = escaped(found.citation.text.trim());
  return `<a class="place" href="#" data-list="${found.list}" data-index="${found.index}" title="${title}">${label}</a>`;
}

function codeHtml(code: string, language: string, escaped: (text: string) => string): string {
  const inner = highlighted(code, language.toLowerCase()) ?? escaped(code);
  const copy = '<button type="button" class="copy-code" aria-label="Copy Code" title="Copy Code">Copy</button>';
  return `<div class="code">${copy}<pre tabindex="0"><code>${inner}</code></pre></div>`;
}
