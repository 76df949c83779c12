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
    const configuration = workspace.getConfiguration(SECTION);
    const standard = configuration.inspect<Settings[Key]>(key)?.defaultValue;
    if (standard === undefined) {
      throw new Error(`package.json declares no setting ${SECTION}.${key}.`);
    }
    const value: unknown = configuration.get(key);
    return isLike(value, standard) ? value : standard;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}

/** Whether a value is of the kind that its default is; settings.json may hold anything. */
function isLike<Value>(value: unknown, standard: Value): value is Value {
  return value !== null && typeof value === typeof standard && Array.isArray(value) === Array.isArray(standard);
}
