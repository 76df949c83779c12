import { homedir } from 'node:os';
import { sep } from 'node:path';

import type { Download } from './downloads';
import { bytesInWords } from '../bytes';
import { diskNeeded } from './install';
import type { ModelPlan } from './model';
import type { Toolchain } from './python';

/** What a person may agree to. */
export type Choice = 'setUp' | 'endpoint' | 'withoutModel';

/** A question to a person, before anything is downloaded. */
export interface Offer {
  readonly message: string;
  readonly detail: string;
  readonly choices: readonly Choice[];
}

/** What would be done. */
export interface Proposal {
  /** The server's environment, where it is to be made. */
  readonly environment:
    { readonly download: Download; readonly toolchain: Toolchain; readonly folder: string } | undefined;
  /** The model that is to be made. */
  readonly model: (Pick<ModelPlan, 'needs' | 'memory'> & { readonly folder: string }) | undefined;
  /** Why there can be no model here. */
  readonly noModel: string | undefined;
}

const LAST_WORDS =
  'Your code stays on this machine unless you name an endpoint, and there is no telemetry. ' +
  'Updates of the extension bring its packages up to date.';

/** What uv downloads for a Python. */
const PYTHON_BYTES = 35e6;

/** Puts a proposal into words: what is downloaded, how large it is, and where it goes. */
export function offerOf(proposal: Proposal): Offer {
  const { environment, model, noModel } = proposal;
  return {
    message: noModel ?? 'Set up Inglenook on this machine?',
    detail: paragraphs(
      noModel === undefined
        ? ''
        : 'A model server that speaks the OpenAI protocol can answer instead, such as one on another machine of yours. ' +
            'Search and hover work without a model.',
      downloads(proposal),
      needs(proposal),
      folders(environment?.folder, model?.folder),
      LAST_WORDS,
    ),
    choices:
      noModel === undefined
        ? ['setUp', ...(model === undefined ? [] : ['endpoint' as const])]
        : ['endpoint', 'withoutModel'],
  };
}

/** All that a proposal downloads, in bytes. */
export function downloadBytes({ environment, model }: Proposal): number {
  const python = environment?.toolchain.fetched === true ? PYTHON_BYTES : 0;
  return (environment?.download.bytes ?? 0) + python + (model?.needs.download ?? 0);
}

/** What the server's environment takes on disk, in bytes. */
export function environmentDisk({ environment }: Pick<Proposal, 'environment'>): number {
  return environment === undefined ? 0 : diskNeeded(environment.download.bytes);
}

function downloads(proposal: Proposal): string {
  const { environment, model } = proposal;
  if (environment === undefined && model === undefined) {
    return '';
  }
  const server =
    environment &&
    `the server’s packages, ${bytesInWords(environment.download.bytes)}, each checked against its known hash`;
  const python =
    environment?.toolchain.fetched === true ? `Python ${environment.toolchain.version}, about 35 MB` : undefined;
  const weights = model && `the model ${model.needs.title}, ${size(model.needs.download)}`;
  const bytes = downloadBytes(proposal);
  const head = bytes > 0 ? `About ${bytesInWords(bytes)} will be downloaded` : 'This will be made';
  return lines(head, server, python, weights);
}

/** The extension knows the sizes of the recipes that it was made with; an earlier model's weights may serve again. */
function size(bytes: number | undefined): string {
  switch (bytes) {
    case undefined:
      return 'whose size is told while it is made';
    case 0:
      return 'from the weights that are here: nothing is downloaded';
    default:
      return bytesInWords(bytes);
  }
}

function needs(proposal: Proposal): string {
  const { model } = proposal;
  const server = environmentDisk(proposal);
  const [peak, left] = [server + (model?.needs.peakDisk ?? 0), server + (model?.needs.finalDisk ?? 0)];
  if (peak === 0) {
    return '';
  }
  const disk =
    peak === left
      ? `It takes ${bytesInWords(left)} of disk`
      : `It takes ${bytesInWords(peak)} of disk while it is made, ${bytesInWords(left)} afterwards`;
  return model === undefined ? `${disk}.` : `${disk}, and ${bytesInWords(model.memory)} of memory while it answers.`;
}

/** Each on a line of its own: they are long. */
function folders(...paths: readonly (string | undefined)[]): string {
  const named = paths.filter((path) => path !== undefined).map(fromHome);
  return named.length === 0 ? '' : ['It goes to', ...named].join('\n');
}

function fromHome(path: string): string {
  const home = homedir();
  return path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}

function lines(head: string, ...items: readonly (string | undefined)[]): string {
  return [`${head}:`, ...items.filter((item) => item !== undefined).map((item) => `• ${item}`)].join('\n');
}

function paragraphs(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}
