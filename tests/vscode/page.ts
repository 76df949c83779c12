import type { Locator, Page } from 'playwright-core';

import { until } from './processes.ts';

/** What starts on a machine that does much else at the same time may take this long. */
const LONG = 120_000;

/** A window of VS Code, as a person at a keyboard sees it. */
export class Window implements AsyncDisposable {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(60_000);
    page.setDefaultNavigationTimeout(LONG);
  }

  /** Opens an address and waits until the workbench, and the folder if there is one, are shown. */
  async open(address: string): Promise<this> {
    await this.page.goto(address);
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: LONG });
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: LONG });
    return this;
  }

  /** Loads the window anew, with an extension host of its own; side bar and editors are as they were. */
  async reload(): Promise<this> {
    await this.page.reload();
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: LONG });
    return this;
  }

  /** Runs a command by its title in the palette, `Category: Title`. */
  async run(title: string): Promise<void> {
    await this.#quickOpen('F1', `>${title}`);
    await this.quickPick.row(title).click();
  }

  /** Changes the colour theme by its name, as a person does. */
  async pickTheme(name: string): Promise<void> {
    await this.run('Preferences: Color Theme');
    await this.quickPick.box.fill(name);
    await this.quickPick.rows
      .filter({ has: this.page.getByText(name, { exact: true }) })
      .first()
      .click();
    await this.quickPick.box.waitFor({ state: 'hidden' });
  }

  /** Returns the titles that the palette offers for what is typed. */
  async commands(typed: string): Promise<readonly string[]> {
    await this.#quickOpen('F1', `>${typed}`);
    const titles = await this.quickPick.labels();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.#quickOpen('Control+P', name);
    await this.quickPick.row(name).waitFor();
    await this.page.keyboard.press('Enter');
    await this.tab(name).waitFor();
    await this.editor.locator('.view-line').first().waitFor();
  }

  /** Moves the cursor to a line and column of the active editor, from 1. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.#quickOpen('Control+G', `:${String(line)}:${String(column)}`);
    await this.page.keyboard.press('Enter');
    await this.quickPick.box.waitFor({ state: 'hidden' });
    await until(`the cursor is in line ${String(line)}`, async () => (await this.cursor()).line === line);
  }

  /** Returns where the status bar says that the cursor is, from 1; zeros where no editor is active. */
  async cursor(): Promise<{ readonly line: number; readonly column: number }> {
    const shown = this.page.locator('#status\\.editor\\.selection');
    const text = (await shown.isVisible()) ? await shown.innerText() : '';
    const [, line, column] = /Ln (\d+), Col (\d+)/.exec(text) ?? [];
    return { line: Number(line ?? 0), column: Number(column ?? 0) };
  }

  /** The tab of a file, where it is the active one of its group. */
  tab(name: string): Locator {
    return this.page.locator(`.tab.active[data-resource-name="${name}"]`);
  }

  /** The editor that was active last. */
  get editor(): Locator {
    return this.page.locator('.editor-group-container.active .editor-instance').first();
  }

  /** The line of the active editor that holds a text; its blanks are no-break spaces on the page. */
  line(text: string): Locator {
    const pattern = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '[ \\u00a0]');
    return this.editor.locator('.view-line', { hasText: new RegExp(pattern) }).first();
  }

  /** The input at the top with its list. */
  get quickPick(): QuickPick {
    return new QuickPick(this.page);
  }

  /** Messages in the corner. */
  get notifications(): Locator {
    return this.page.locator('.notification-toast');
  }

  /** A modal question. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** What hovers, messages and questions say that lie over the window, and the items of the status bar. */
  async overlays(): Promise<readonly string[]> {
    const parts = '.monaco-hover:visible, .notification-toast, .monaco-dialog-box, .part.statusbar';
    return this.page.locator(parts).allInnerTexts();
  }

  /** An item of the status bar, by the label that a screen reader reads. */
  statusItem(label: string | RegExp): Locator {
    return this.page.locator('.part.statusbar').getByRole('button', { name: label });
  }

  /** Waits until Inglenook's item in the status bar says this; a model takes its time on a busy machine. */
  async says(state: string): Promise<Locator> {
    const item = this.statusItem(`Inglenook: ${state}`);
    await item.waitFor({ timeout: LONG });
    return item;
  }

  /** The rows of the Problems panel: files and, below each, its diagnostics. */
  get problems(): Locator {
    return this.page.locator('.markers-panel .monaco-list-row');
  }

  /** Shows the Problems panel and returns what it lists. */
  async showProblems(): Promise<Locator> {
    await this.run('View: Focus Problems');
    await this.page.locator('.markers-panel').waitFor();
    return this.problems;
  }

  /** Presses keys one after the other, `Control+K` and the like. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Closes the window with all that the browser kept for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }

  /** Presses a key until the quick input is there (the first one may meet a page without focus), and fills it in. */
  async #quickOpen(key: string, text: string): Promise<void> {
    const { box } = this.quickPick;
    await until(`${key} opens the quick input`, async () => {
      await this.page.keyboard.press(key);
      return box.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
    });
    await box.fill(text);
  }
}

/** VS Code's quick input: a box and a list of rows. */
export class QuickPick {
  readonly box: Locator;
  readonly rows: Locator;

  constructor(page: Page) {
    this.box = page.locator('.quick-input-widget input.input').first();
    this.rows = page.locator('.quick-input-list .monaco-list-row');
  }

  /** The first row that holds a text. */
  row(text: string): Locator {
    return this.rows.filter({ hasText: text }).first();
  }

  /** The labels of the rows that are on the screen, once there are any. */
  async labels(): Promise<readonly string[]> {
    await this.rows.first().waitFor();
    const shown = await this.rows.locator('.quick-input-list-label .label-name').allInnerTexts();
    return shown.map((label) => label.trim()); // an icon is a blank
  }
}
