import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { processesOf } from './processes.ts';
import { replaceFile, ROOT } from './scratch.ts';
import type { Settings } from './settings.ts';

const SERVER = 'vscode_server.py';
const HOST = 'scripted_host.py';

/** The development environment's Python. */
export const PYTHON = path.join(ROOT, '.venv/bin/python');

/** What the model does when the last turn of its prompt holds a text: it speaks, calls a tool, or fails in these words. */
export type Rule = { readonly when: string; readonly secondsPerToken?: number } & (
  { readonly say: string; readonly repeat?: number } | { readonly call: ToolCall } | { readonly raise: string }
);

/** A call of one of the agent's tools. */
export interface ToolCall {
  readonly name: 'search' | 'symbols' | 'read_file' | 'run_command';
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** How loading and building go, where a test cares. */
export interface Course {
  readonly load?: { readonly seconds?: number; readonly error?: string };
  readonly build?: readonly (BuildStep | { readonly error: Failure })[];
}

/** One step of a build. */
export interface BuildStep {
  readonly label: string;
  readonly percent: number;
  readonly seconds?: number;
}

/** A failure as the command line tells it. */
export interface Failure {
  readonly kind: string;
  readonly sentence: string;
  readonly hint: string;
}

/** A model that follows a script, in the real resident process, behind the real server. */
export class ScriptedModel {
  readonly #script: string;

  private constructor(script: string) {
    this.#script = script;
  }

  /** Makes a model that is built and knows nothing; its files lie in a folder of its own. */
  static async make(folder: string): Promise<ScriptedModel> {
    const model = new ScriptedModel(path.join(folder, 'script.json'));
    await fs.mkdir(path.join(folder, 'model'), { recursive: true });
    await model.follows([]);
    return model;
  }

  /** The settings with which the extension uses this model; it leaves memory soon after its last window. */
  get settings(): Settings {
    const program = path.join(ROOT, 'tests/support', SERVER);
    return { 'inglenook.server.command': [PYTHON, program, this.#script], 'inglenook.model.idleMinutes': 0.05 };
  }

  /** Says what the model says from now on, also in a turn that is under way. */
  async follows(rules: readonly Rule[], course: Course = {}): Promise<void> {
    const written = rules.map(({ secondsPerToken, ...rule }) => ({ ...rule, seconds_per_token: secondsPerToken ?? 0 }));
    await replaceFile(this.#script, JSON.stringify({ rules: written, ...course }, null, 2));
  }

  /** Returns the process ids of the language servers that use this model, one for each window. */
  async servers(): Promise<readonly number[]> {
    return this.#running(SERVER);
  }

  /** Returns the process ids of what holds this model in memory: never more than one. */
  async residents(): Promise<readonly number[]> {
    return this.#running(HOST);
  }

  async #running(program: string): Promise<readonly number[]> {
    const processes = await processesOf(this.#script);
    return processes.filter(({ command }) => command.includes(program)).map(({ pid }) => pid);
  }

  /** Takes the model away: nothing is set up until it is built. */
  async unbuild(): Promise<void> {
    await fs.rm(path.join(path.dirname(this.#script), 'model'), { recursive: true, force: true });
  }
}

/** The settings with which the extension uses the server of this repository, and the model that the person has built. */
export const OWN_MODEL: Settings = { 'inglenook.server.command': [PYTHON, '-m', 'lsp_server', 'serve', '--stdio'] };

/** The same for a test, whose own folder for data holds no model: it takes the one that `make model` has built. */
export async function realModel(): Promise<Settings> {
  const { stdout } = await promisify(execFile)(PYTHON, ['-m', 'lsp_server', 'model', 'list', '--json']);
  const { models, current } = JSON.parse(stdout) as ModelList;
  const found = models.find(({ recipe }) => recipe === current);
  if (!found?.path) throw new Error('There is no model yet: run `make model`.');
  return { ...OWN_MODEL, 'inglenook.model.path': found.path, 'inglenook.model.idleMinutes': 0.05 };
}

interface ModelList {
  readonly models: readonly { readonly recipe: string; readonly path: string | null }[];
  readonly current: string;
}
