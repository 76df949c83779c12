import { type FSWatcher, watch } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Subscription } from '../emitter';
import { LOCK } from './oneAtATime';

/** Calls `done` each time that a window, this or another, has ended an installation, well or not. */
export class InstallationWatch implements Subscription {
  #watcher: FSWatcher | undefined;
  #disposed = false;

  constructor(
    private readonly root: string,
    private readonly done: () => void,
  ) {}

  async start(): Promise<void> {
    await mkdir(this.root, { recursive: true });
    if (this.#disposed) {
      return;
    }
    try {
      this.#watcher = watch(this.root, { persistent: false }, (_event, name) => {
        if (name === LOCK) {
          void this.#look();
        }
      });
    } catch {
      return; // the system has no watchers left; set-up itself needs none, and a restart finds what is there
    }
    this.#watcher.on('error', () => {
      this.dispose(); // the folder was deleted; likewise
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#watcher?.close();
  }

  async #look(): Promise<void> {
    try {
      await access(join(this.root, LOCK));
    } catch {
      this.done();
    }
  }
}
