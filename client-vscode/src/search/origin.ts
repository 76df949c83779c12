import {
  Range,
  type Selection,
  type Tab,
  type TabGroup,
  TabInputCustom,
  TabInputNotebook,
  TabInputText,
  TabInputTextDiff,
  TextEditorRevealType,
  Uri,
  type ViewColumn,
  commands,
  window,
} from 'vscode';

/** Where a text editor stood. */
interface Standing {
  readonly uri: Uri;
  readonly selections: readonly Selection[];
  readonly top: number | undefined;
}

/** A tab as it was. */
interface Kept {
  readonly key: string;
  readonly input: unknown;
  readonly isPreview: boolean;
}

/** Where the person was before places were previewed: what was open in the group, and what could be seen of it. */
export class Origin {
  readonly column: ViewColumn;
  readonly #tabs: readonly Kept[];
  readonly #standing: Standing | undefined;

  private constructor(group: TabGroup) {
    this.column = group.viewColumn;
    this.#tabs = group.tabs.map(({ input, isPreview }) => ({ key: keyOf(input), input, isPreview }));
    this.#standing = standing(group);
  }

  /** Remembers the group that is active now. */
  static here(): Origin {
    return new Origin(window.tabGroups.activeTabGroup);
  }

  /** Closes what previews have opened, but for one file: with preview editors switched off each would stay. */
  async tidy(shown?: Uri): Promise<void> {
    const strays = this.#strays().filter((tab) => keyOf(tab.input) !== `text ${String(shown)}`);
    if (strays.length > 0) {
      await window.tabGroups.close(strays, true);
    }
  }

  /** Shows everything as it was; the focus stays where it is. `moved` are the files that were scrolled. */
  async restore(moved: ReadonlySet<string>): Promise<void> {
    const lost = this.#tabs.filter(
      ({ key, isPreview }) => isPreview && !this.#now().some((tab) => keyOf(tab.input) === key),
    );
    for (const { input } of lost) {
      await reopen(input, this.column);
    }
    if (this.#standing !== undefined) {
      const again = moved.has(String(this.#standing.uri)) || lost.length > 0;
      await stand(this.#standing, this.column, again);
    }
    await this.tidy();
  }

  #now(): readonly Tab[] {
    return window.tabGroups.all.find(({ viewColumn }) => viewColumn === this.column)?.tabs ?? [];
  }

  /** Files that were not open before. */
  #strays(): readonly Tab[] {
    return this.#now().filter(
      ({ input, isDirty }) =>
        input instanceof TabInputText && !isDirty && !this.#tabs.some(({ key }) => key === keyOf(input)),
    );
  }
}

/** Where the group's text editor stands; what is no such editor comes back by itself once ours are closed. */
function standing({ activeTab, viewColumn }: TabGroup): Standing | undefined {
  const editor = window.activeTextEditor;
  const isShown = activeTab?.input instanceof TabInputText && editor?.viewColumn === viewColumn;
  return isShown
    ? { uri: editor.document.uri, selections: editor.selections, top: editor.visibleRanges[0]?.start.line }
    : undefined;
}

/** Shows an editor again; one that stayed open remembers by itself what could be seen, unless it was moved. */
async function stand({ uri, selections, top }: Standing, viewColumn: ViewColumn, again: boolean): Promise<void> {
  const isPreview = window.tabGroups.all.some((group) =>
    group.tabs.some(
      (tab) => group.viewColumn === viewColumn && tab.isPreview && keyOf(tab.input) === `text ${String(uri)}`,
    ),
  );
  const editor = await window.showTextDocument(uri, { viewColumn, preview: isPreview, preserveFocus: true });
  if (!again) {
    return;
  }
  editor.selections = selections;
  if (top !== undefined) {
    editor.revealRange(new Range(top, 0, top, 0), TextEditorRevealType.AtTop);
  }
}

/** Opens again what stood in the group's preview tab, as a preview. */
async function reopen(input: unknown, viewColumn: ViewColumn): Promise<void> {
  const options = { viewColumn, preview: true, preserveFocus: true };
  if (input instanceof TabInputText) {
    await window.showTextDocument(input.uri, options);
  } else if (input instanceof TabInputTextDiff) {
    await commands.executeCommand('vscode.diff', input.original, input.modified, undefined, options);
  } else if (input instanceof TabInputCustom) {
    await commands.executeCommand('vscode.openWith', input.uri, input.viewType, options);
  } else if (input instanceof TabInputNotebook) {
    await commands.executeCommand('vscode.openWith', input.uri, input.notebookType, options);
  }
}

function keyOf(input: unknown): string {
  if (input instanceof TabInputText) {
    return `text ${String(input.uri)}`;
  }
  if (input instanceof TabInputTextDiff) {
    return `diff ${String(input.original)} ${String(input.modified)}`;
  }
  const uri: unknown = typeof input === 'object' && input !== null && 'uri' in input ? input.uri : undefined;
  return uri instanceof Uri ? `other ${String(uri)}` : 'other';
}
