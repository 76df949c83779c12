const ITEM = '[role=treeitem]';

/** Moves through a tree by keyboard, as the guidelines of ARIA have it. */
export function onTreeKey(event: KeyboardEvent): void {
  const tree = event.currentTarget as HTMLElement;
  const item = (event.target as Element).closest<HTMLElement>(ITEM);
  if (item === null || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const items = [...tree.querySelectorAll<HTMLElement>(ITEM)];
  const at = items.indexOf(item);
  switch (event.key) {
    case 'ArrowDown':
      items[at + 1]?.focus();
      break;
    case 'ArrowUp':
      items[at - 1]?.focus();
      break;
    case 'Home':
      items[0]?.focus();
      break;
    case 'End':
      items.at(-1)?.focus();
      break;
    case 'ArrowRight':
      (isExpanded(item) === false ? activate : focusNext)(item, items[at + 1]);
      break;
    case 'ArrowLeft':
      (isExpanded(item) === true ? activate : focusNext)(item, item.parentElement?.closest<HTMLElement>(ITEM));
      break;
    case 'Enter':
    case ' ':
      activate(item);
      break;
    default:
      return;
  }
  event.preventDefault();
  event.stopPropagation();
}

/** Lets Tab come back to the item that had the focus last. */
export function onTreeFocus(event: FocusEvent): void {
  const tree = event.currentTarget as HTMLElement;
  const item = (event.target as Element).closest<HTMLElement>(ITEM);
  tree.querySelectorAll<HTMLElement>(`${ITEM}[tabindex="0"]`).forEach((other) => {
    other.tabIndex = -1;
  });
  if (item !== null) {
    item.tabIndex = 0;
  }
}

function isExpanded(item: Element): boolean | undefined {
  const expanded = item.getAttribute('aria-expanded');
  return expanded === null ? undefined : expanded === 'true';
}

/** Does what a click does. */
function activate(item: HTMLElement): void {
  (item.querySelector<HTMLElement>(':scope > .row') ?? item).click();
}

function focusNext(_item: HTMLElement, next: HTMLElement | null | undefined): void {
  next?.focus();
}
