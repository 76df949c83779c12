import { type Disposable, EventEmitter, workspace } from 'vscode';

import type { SettingsReader } from './parts';
import type { Settings } from './protocol';

const SECTION = 'inglenook';

/** VS Code's configuration, typed by what lsp_server/settings.py declares. */
export class WorkspaceSettings implements SettingsReader, Disposable {
  readonly #changed = new EventEmitter<(key: keyof Settings) => boolean>();
  readonly onDidChange = this.#changed.event;
  readonly #subscription = workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) {
      this.#changed.fire((key) => event.affectsConfiguration(`${SECTION}.${key}`));
    }
  });

  get<Key extends keyof Settings>(key: Key): Settings[Key] {
    const value = workspace.getConfiguration(SECTION).get<Settings[Key]>(key);
    if (value === undefined) {
      throw new Error(`package.json declares no setting ${SECTION}.${key}.`);
    }
    return value;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}
