import type { Page } from './page';

/** Follows the links, and the buttons on code, in what an answer says: they are HTML, and have no listeners. */
export function following({ post, confirm }: Page, id: number): (event: MouseEvent) => void {
  return (event) => {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('a, .copy-code') : null;
    if (target === null) {
      return;
    }
    event.preventDefault();
    event.stopPropagation(); // VS Code itself follows whatever link reaches it
    const url = target.getAttribute('data-link');
    const list = target.getAttribute('data-list');
    if (target.matches('.copy-code')) {
      post({ type: 'copyCode', text: target.nextElementSibling?.textContent ?? '' });
      confirm('code');
    } else if (url !== null) {
      post({ type: 'openLink', url });
    } else if (list !== null) {
      post({
        type: 'openPlace',
        id,
        list: list === 'citations' || list === 'evidence' ? list : Number(list),
        index: Number(target.getAttribute('data-index')),
        aside: event.ctrlKey || event.metaKey,
      });
    }
  };
}
