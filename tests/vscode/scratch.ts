import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { allGone } from './processes.ts';

/** This folder. */
export const HERE = import.meta.dirname;

/** The repository's root. */
export const ROOT = path.resolve(HERE, '../..');

/** Where screenshots and the remains of failed tests go. */
export const ARTEFACTS = path.join(HERE, 'artefacts');

/** A folder of the test's own, removed when disposed of. Its path is short: a socket's may have about 100 bytes. */
export class Scratch implements AsyncDisposable {
  readonly path: string;

  private constructor(folder: string) {
    this.path = folder;
  }

  /** Makes a folder below the system's own for temporary files. */
  static async make(): Promise<Scratch> {
    return new Scratch(await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'nook-'))));
  }

  /** Makes a folder inside. */
  async folder(name: string): Promise<string> {
    const made = path.join(this.path, name);
    await fs.mkdir(made, { recursive: true, mode: 0o700 });
    return made;
  }

  /** Copies a workspace of `workspaces/`, or a folder given by its absolute path, to a path inside; returns that. */
  async workspace(name: string, as = name): Promise<string> {
    const copy = path.resolve(this.path, as);
    await fs.cp(path.resolve(HERE, 'workspaces', name), copy, { recursive: true });
    return copy;
  }

  /** Waits until every process that was started for it has ended, and removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await allGone(this.path);
    await fs.rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Replaces a file in one step: a process that reads it sees the old text or the new one. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${String(process.pid)}`;
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(fresh, text);
  await fs.rename(fresh, file);
}
