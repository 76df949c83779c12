import axe, { type AxeResults } from 'axe-core';

import type { AskView } from './view.ts';

/** The rules of the guidelines; a view in a side bar is no page with landmarks of its own. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds wrong with the page of the view: the rule, and the elements that break it. */
export async function violations(view: AskView): Promise<readonly string[]> {
  const iframe = await view.frame.owner().elementHandle();
  const frame = await iframe.contentFrame();
  if (!frame) throw new Error('The view is not shown.');
  await frame.evaluate(axe.source); // by the debugger's way, which the page's content security policy does not bind
  // The page is transparent, and axe cannot see the side bar through its frames.
  await frame.evaluate("document.documentElement.style.background = 'var(--vscode-sideBar-background)'");
  const found: AxeResults = await frame.evaluate(`axe.run({ runOnly: ${JSON.stringify(RULES)} })`);
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
