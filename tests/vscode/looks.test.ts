import { describe, expect } from 'vitest';

import { violations } from './accessibility.ts';
import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { until } from './processes.ts';
import { protocolRules, PROTOCOLS } from './rules.ts';
import { THEMES } from './settings.ts';
import { AskView } from './view.ts';

describe('the view for everybody', () => {
  test('it looks at home in every theme, and in a narrow side bar', async ({ window, model }) => {
    await model.follows(protocolRules());
    const view = await AskView.of(window);
    await view.askThrough(PROTOCOLS);
    for (const [name, theme] of Object.entries(THEMES)) {
      await window.pickTheme(theme);
      const wanted = { dark: 'vscode-dark', light: 'vscode-light' }[name] ?? 'vscode-high-contrast';
      await view.frame.locator(`body.${wanted}`).waitFor();
      expect(await violations(view), name).toEqual([]);
      await screenshot(window, `theme-${name}`);
    }
    await view.resize(180);
    expect(await overflow(view)).toBe(0);
    await screenshot(window, 'narrow');
  });

  test('a keyboard is enough, from the question to the cited line', async ({ window, model }) => {
    await model.follows(protocolRules());
    await window.says('Ready.');
    await window.press('Control+Alt+A');
    const view = new AskView(window);
    await view.box.waitFor();
    await until('the box has the focus', () => view.box.evaluate((box) => box.ownerDocument.activeElement === box));
    await window.page.keyboard.type(PROTOCOLS);
    await window.press('Enter');
    await view.footer().waitFor();
    const link = view.link(/core\.py:11/).first();
    await until('Tab reaches the citation', async () => {
      await window.press('Shift+Tab');
      return link.evaluate((element) => element.ownerDocument.activeElement === element);
    });
    await screenshot(window, 'keyboard');
    await window.press('Enter');
    await window.tab('core.py').waitFor();
  });
});

/** By how many pixels the page is wider than its frame. */
async function overflow(view: AskView): Promise<number> {
  return view.frame.locator(':root').evaluate((root) => root.scrollWidth - root.clientWidth);
}
