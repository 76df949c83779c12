import { Disposable, type QuickPick, QuickPickItemKind, ViewColumn, commands, window } from 'vscode';

import { CONTEXTS } from '../commands';
import type { Subscription } from '../emitter';
import type { InputHistory } from '../inputHistory';
import type { Parts } from '../parts';
import type { IndexStatus, SearchHit } from '../protocol';
import { runAction } from '../status/runAction';
import { isSamePlace } from './hitRow';
import { type Item, KIND_BUTTONS, itemOf, kindOf } from './items';
import { LatestSearch, type SearchState } from './latest';
import { openHit } from './open';
import { Preview } from './preview';
import { PLACEHOLDER, type Query, readInput, switchKind } from './query';
import { type Row, recentRows, rowsOf } from './rows';
import { isOutdated, titleOf } from './title';

/** VS Code sorts by its own measure unless told not to; the property is older than its place in the typed API. */
type Unsorted = QuickPick<Item> & { sortByLabel: boolean };

/** One time that the search box is open. */
export class SearchPicker implements Disposable {
  readonly #picker = window.createQuickPick<Item>() as Unsorted;
  readonly #preview = new Preview((error) => this.parts.failures.log(error));
  readonly #search: LatestSearch;
  readonly #subscriptions: Disposable;
  #state: SearchState | undefined;
  #index: IndexStatus | undefined;
  /** The index when the search began whose outcome is shown or awaited. */
  #begunWith: IndexStatus | undefined;
  /** Whether the rows are those of what is typed. */
  #current = false;
  /** What was chosen before there were rows for what is typed. */
  #hurried: ViewColumn | undefined;
  #left = false;

  constructor(
    private readonly parts: Parts,
    private readonly history: InputHistory,
  ) {
    const picker = this.#picker;
    this.#search = new LatestSearch(parts.connection, (state) => {
      this.#take(state);
    });
    this.#index = parts.status.current?.index;
    picker.sortByLabel = false;
    picker.placeholder = PLACEHOLDER;
    picker.buttons = KIND_BUTTONS;
    this.#subscriptions = Disposable.from(picker, this.#preview, ...this.#listeners());
  }

  /** Opens the box with a query in it, selected so that typing replaces it. */
  open(input: string): void {
    void commands.executeCommand('setContext', CONTEXTS.searching, true);
    this.#type(input);
    this.#picker.show();
  }

  /** Opens the row that is active beside the editor. */
  openToSide(): void {
    this.#accept(this.#picker.activeItems[0], ViewColumn.Beside);
  }

  dispose(): void {
    this.#search.cancel();
    this.#subscriptions.dispose();
  }

  #listeners(): readonly Subscription[] {
    const picker = this.#picker;
    return [
      picker.onDidChangeValue((value) => {
        this.#typed(value);
      }),
      picker.onDidChangeActive(([item]) => {
        if (item?.choice.kind === 'open') {
          this.#preview.show(item.choice.hit);
        }
      }),
      picker.onDidAccept(() => {
        this.#accept(picker.activeItems[0], this.#preview.origin.column);
      }),
      picker.onDidTriggerItemButton(({ item }) => {
        this.#accept(item, ViewColumn.Beside);
      }),
      picker.onDidTriggerButton((button) => {
        this.#type(switchKind(picker.value, kindOf(button)));
      }),
      picker.onDidHide(() => void this.#hidden()),
      this.parts.status.onDidChange((status) => {
        this.#indexed(status?.index);
      }),
    ];
  }

  #type(input: string): void {
    this.#picker.value = input;
    this.#typed(input);
  }

  #typed(input: string): void {
    const query = readInput(input);
    this.#hurried = undefined;
    if (query !== undefined) {
      this.#current = false;
      this.#run(query);
      return;
    }
    this.#search.cancel();
    this.#state = undefined;
    this.#picker.busy = false;
    this.#render(recentRows(this.history.recent));
  }

  #take(state: SearchState): void {
    if (state.kind === 'failed' && state.failure.kind !== 'badRequest') {
      this.parts.failures.log(state.failure); // a pattern that is not finished is no failure
    }
    this.#state = state;
    this.#picker.busy = state.kind === 'running';
    const rows = rowsOf(state, { server: this.parts.server.state, index: this.#index });
    if (rows !== undefined) {
      this.#render(rows);
    }
    this.#picker.title = titleOf(state, this.#index);
    this.#repeatAfter(this.#begunWith);
  }

  /** Shows rows; whoever had moved to one of the same query stays on it. */
  #render(rows: readonly Row[]): void {
    const picker = this.#picker;
    const [first] = picker.items.filter(({ kind }) => kind !== QuickPickItemKind.Separator);
    const [active] = picker.activeItems;
    const moved = this.#current && active !== first && active?.choice.kind === 'open' ? active.choice.hit : undefined;
    picker.keepScrollPosition = this.#current;
    picker.title = titleOf(this.#state, this.#index);
    const items = rows.map(itemOf);
    picker.items = items;
    const again = moved && items.find(({ choice }) => choice.kind === 'open' && isSamePlace(choice.hit, moved));
    if (again !== undefined) {
      picker.activeItems = [again];
    }
    this.#current = true;
    const hurried = this.#hurried;
    this.#hurried = undefined;
    if (hurried !== undefined) {
      this.#accept(
        items.find(({ choice }) => choice.kind === 'open'),
        hurried,
      );
    }
  }

  #indexed(index: IndexStatus | undefined): void {
    const before = this.#index;
    this.#index = index;
    this.#repeatAfter(before);
    this.#picker.title = titleOf(this.#state, index);
  }

  #run(query: Query): void {
    this.#begunWith = this.#index;
    void this.#search.run(query);
  }

  /** Searches again where the index has become whole since. */
  #repeatAfter(before: IndexStatus | undefined): void {
    if (this.#left) {
      return;
    }
    const [state, now] = [this.#state, this.#index];
    if (state?.kind === 'done' && now !== undefined && isOutdated(state.result, before, now)) {
      this.#run(state.query);
    }
  }

  #accept(item: Item | undefined, column: ViewColumn): void {
    if (!this.#current) {
      this.#hurried = column; // the rows are still those of what was typed before
      return;
    }
    switch (item?.choice.kind) {
      case 'open':
        void this.#open(item.choice.hit, column);
        break;
      case 'type':
        this.#type(item.choice.input);
        break;
      case 'run':
        this.#picker.hide();
        runAction(item.choice.action).catch((error: unknown) => {
          this.parts.failures.tell(error);
        });
        break;
      case 'none':
      case undefined:
        break;
    }
  }

  /** Goes back first, so that what was there stays, and Go Back leads to it; then opens the place. */
  async #open(hit: SearchHit, column: ViewColumn): Promise<void> {
    this.#left = true;
    this.#picker.hide();
    try {
      await this.#preview.goBack();
      await openHit(hit, column);
    } catch (error) {
      this.parts.failures.tell(error);
    } finally {
      this.dispose();
    }
  }

  async #hidden(): Promise<void> {
    this.#search.cancel();
    if (this.#state?.kind === 'done' && this.#state.result.hits.length > 0) {
      this.history.remember(this.#picker.value);
    }
    // What the person clicked on meanwhile has been told by the time that this comes back.
    await commands.executeCommand('setContext', CONTEXTS.searching, false);
    if (this.#left) {
      return;
    }
    try {
      await (this.#preview.isClaimed ? this.#preview.end() : this.#preview.goBack());
    } catch (error) {
      this.parts.failures.log(error);
    } finally {
      this.dispose();
    }
  }
}
