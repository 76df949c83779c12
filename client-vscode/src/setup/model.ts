import { homedir } from 'node:os';
import { join } from 'node:path';

import type { CancellationToken } from 'vscode';

import type { ModelInfo } from '../protocol';
import type { Connection, Progress } from '../server/connection';
import { MODELS, type ModelNeeds } from './downloads';
import { pythonOf } from './environments';
import { bytesInWords } from '../bytes';
import { CLEAN_PYTHON, run } from './processes';

const PLAN_MS = 30_000;
/** Left to everything else that runs, as the server reckons it. */
const SYSTEM_BYTES = 2 ** 30;

const UNKNOWN = { download: undefined, peakDisk: 0, finalDisk: 0, memory: { cpu: 0, metal: 0 } };

/** What a model takes on this very machine. */
export interface ModelPlan {
  readonly needs: Omit<ModelNeeds, 'download'> & { readonly download: number | undefined };
  /** While it answers. */
  readonly memory: number;
  /** Why it does not fit; empty where it does. */
  readonly refusals: readonly string[];
}

/** The plan by what was known when the extension was made; of a recipe that it does not know, no sizes. */
export function knownPlan(recipe: string, platform: NodeJS.Platform, memoryBytes: number): ModelPlan {
  const needs = MODELS[recipe] ?? { ...UNKNOWN, title: recipe };
  const memory = needs.memory[platform === 'darwin' ? 'metal' : 'cpu'];
  const fits = memory === 0 || memory <= memoryBytes - SYSTEM_BYTES;
  const [wanted, there] = [bytesInWords(memory), bytesInWords(memoryBytes)];
  return {
    needs,
    memory,
    refusals: fits ? [] : [`${needs.title} takes ${wanted} of memory; this machine has ${there}.`],
  };
}

/** The plan by the server's own command line, which measures the machine; undefined where it has none. */
export async function measuredPlan(folder: string, recipe: string): Promise<ModelPlan | undefined> {
  const args = ['-I', '-m', 'lsp_server', 'model', 'plan', '--recipe', recipe, '--json'];
  const { stdout } = await run({ command: pythonOf(folder), args, env: CLEAN_PYTHON }, { timeoutMs: PLAN_MS });
  try {
    return readPlan(recipe, JSON.parse(stdout.at(-1) ?? '') as PlanJson);
  } catch {
    return undefined;
  }
}

/** What `inglenook model plan --json` prints. */
interface PlanJson {
  readonly refusals: readonly string[];
  readonly needs: {
    readonly download: number;
    readonly peak_disk: number;
    readonly final_disk: number;
    readonly serve_memory: number;
  };
  readonly plan: string;
}

function readPlan(recipe: string, { refusals, needs, plan }: PlanJson): ModelPlan {
  const memory = needs.serve_memory;
  return {
    needs: {
      title: MODELS[recipe]?.title ?? plan.split(' (')[0] ?? recipe,
      download: needs.download,
      peakDisk: needs.peak_disk,
      finalDisk: needs.final_disk,
      memory: { cpu: memory, metal: memory },
    },
    memory,
    refusals,
  };
}

/** The model that the server would serve; undefined where an endpoint answers. */
export async function servedModel(connection: Connection, signal?: AbortSignal): Promise<ModelInfo | undefined> {
  const { models, current } = await connection.model({ action: 'list' }, {}, signal && tokenOf(signal));
  return models.find(({ recipe }) => recipe === current);
}

/** Whether a model is there, as this version makes it. */
export function isCurrent({ built, outdated }: ModelInfo): boolean {
  return built && !outdated;
}

/** Has the server make the model, and serve it where another was served before. */
export async function buildModel(
  connection: Connection,
  recipe: string,
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  const token = tokenOf(signal);
  const { current } = await connection.model({ action: 'build', recipe }, { onProgress: report }, token);
  if (current !== recipe) {
    await connection.model({ action: 'use', recipe }, {}, token);
  }
}

/** Where models lie, as lsp_server/user_folders.py says. */
export function modelFolder(platform: NodeJS.Platform): string {
  const { INGLENOOK_HOME, XDG_DATA_HOME, LOCALAPPDATA } = process.env;
  const home = homedir();
  if (INGLENOOK_HOME) {
    return INGLENOOK_HOME;
  }
  if (platform === 'darwin') {
    return join(home, 'Library', 'Application Support', 'inglenook');
  }
  return platform === 'win32'
    ? join(LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'inglenook', 'inglenook')
    : join(XDG_DATA_HOME || join(home, '.local', 'share'), 'inglenook'); // eslint-disable-line @typescript-eslint/prefer-nullish-coalescing -- an empty one counts as none
}

function tokenOf(signal: AbortSignal): CancellationToken {
  return {
    get isCancellationRequested() {
      return signal.aborted;
    },
    onCancellationRequested: (listener) => {
      const told = (): void => {
        listener(undefined);
      };
      signal.addEventListener('abort', told);
      const dispose = (): void => {
        signal.removeEventListener('abort', told);
      };
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- that class is VS Code's own
      return { dispose };
    },
  };
}
