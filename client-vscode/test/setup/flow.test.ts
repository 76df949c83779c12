import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import type { ModelResult, Settings } from '../../src/protocol';
import type { Connection } from '../../src/server/connection';
import { Failure } from '../../src/server/failure';
import type { Choice, Offer } from '../../src/setup/consent';
import { type Environments, pythonOf } from '../../src/setup/environments';
import { SetUpFailure } from '../../src/setup/failures';
import { SetUp, type World } from '../../src/setup/flow';
import type { Machine } from '../../src/setup/machine';
import { LOCK } from '../../src/setup/oneAtATime';
import type { SetUpUi } from '../../src/setup/ui';
import { type Behaviour, fakePython } from './fakePython';
import { LINUX, Site, exists } from './site';

vi.setConfig({ testTimeout: 60_000 }); // it starts many processes

const RECIPE = 'qwen2.5-coder-0.5b';
const INTEL_MAC: Machine = { platform: 'darwin', arch: 'x64', version: 15, distributions: [] };
const OWN: Partial<Settings> = {
  'server.command': [],
  'model.endpoint': '',
  'model.path': '',
  'model.recipe': RECIPE,
};

interface Stage {
  readonly environments?: Environments;
  readonly machine?: Machine;
  readonly memoryBytes?: number;
  readonly settings?: Partial<Settings>;
  readonly built?: boolean;
  readonly outdated?: boolean;
  readonly python?: Behaviour;
  /** What the person answers, one question after another. */
  readonly answers?: (Choice | undefined)[];
  readonly endpoint?: string;
  /** What the server answers when it shall build a model. */
  readonly refusal?: Failure;
  /** What the person chooses when a failure is told. */
  readonly onFailure?: (error: unknown) => Promise<{ readonly kind: 'retry' } | undefined>;
  /** Cancelled by the person while the server starts. */
  readonly cancelsStart?: boolean;
}

async function stage(site: Site, { answers = ['setUp'], built = false, outdated = false, ...given }: Stage = {}) {
  const environments = given.environments ?? site.environments();
  const said: string[] = [];
  const offers: Offer[] = [];
  const failures: unknown[] = [];
  const disk = { built, outdated };
  const python = await site.python(given.python);
  const abort = new AbortController();
  const result = (current: string): ModelResult => ({
    models: [{ recipe: RECIPE, title: 'Small', ...disk }],
    current,
  });
  const model: Connection['model'] = ({ action, recipe }) => {
    if (action === 'build' && given.refusal !== undefined) {
      return Promise.reject(given.refusal);
    }
    said.push([action, recipe].filter(Boolean).join(' '));
    if (action === 'build') {
      Object.assign(disk, { built: true, outdated: false });
    }
    return Promise.resolve(result(RECIPE));
  };
  const ui: SetUpUi = {
    ask: (offer) => {
      offers.push(offer);
      return Promise.resolve(answers.shift());
    },
    askEndpoint: () => Promise.resolve(given.endpoint),
    setEndpoint: (url) => {
      said.push(`endpoint ${url}`);
      return Promise.resolve();
    },
    choosePython: () => Promise.resolve(false),
    progress: (title, work) => {
      said.push(title);
      return work(() => undefined, abort.signal);
    },
    tell: (error) => {
      failures.push(error);
      return given.onFailure?.(error) ?? Promise.resolve(undefined);
    },
    done: (withModel) => {
      said.push(`done ${withModel ? 'with' : 'without'} answers`);
    },
  };
  const world: World = {
    machine: () => Promise.resolve(given.machine ?? LINUX),
    memoryBytes: given.memoryBytes ?? 16e9,
    environments,
    findToolchain: () => Promise.resolve({ python, version: '3.12.4', uv: undefined, fetched: false }),
    server: {
      restart: () => {
        said.push('restart');
        if (given.cancelsStart === true) {
          abort.abort();
        }
        return Promise.resolve();
      },
    },
    connection: { model } as Connection,
    settings: { get: (key) => ({ ...OWN, ...given.settings })[key] as never },
    ui,
    log: () => undefined,
  };
  return { setUp: new SetUp(world), said, offers, failures, python };
}

test('from nothing to a server that answers, with one question', async () => {
  const site = await Site.make();
  const { setUp, said, offers, failures } = await stage(site);
  await setUp.run();
  expect(failures).toEqual([]);
  expect(offers).toHaveLength(1);
  expect(said).toEqual([
    'Installing the language server',
    'restart',
    'Making the model',
    'list',
    `build ${RECIPE}`,
    'done with answers',
  ]);
  expect(await site.environments().state()).toBe('whole');
});

test('who cancels while the server starts gets no download after it', async () => {
  const site = await Site.make();
  const { setUp, said, failures } = await stage(site, { cancelsStart: true });
  await setUp.run();
  expect(failures).toEqual([expect.objectContaining({ kind: 'cancelled' })]);
  expect(said).toEqual(['Installing the language server', 'restart']);
});

test('nothing is begun before the person agrees', async () => {
  const site = await Site.make();
  const { setUp, said } = await stage(site, { answers: [undefined] });
  await setUp.run();
  expect(said).toEqual([]);
  expect(await site.environments().state()).toBe('missing');
});

test('where all is there, it says so and asks nothing', async () => {
  const site = await Site.make();
  await (await stage(site)).setUp.run();
  const { setUp, said, offers } = await stage(site, { built: true });
  await setUp.run();
  expect(said).toEqual(['list', 'done with answers']);
  expect(offers).toEqual([]);
});

test('a model that is there already is not made again', async () => {
  const site = await Site.make();
  const { setUp, said } = await stage(site, { built: true });
  await setUp.run();
  expect(said).not.toContain(`build ${RECIPE}`);
});

test('a missing model alone is asked for by its own sizes', async () => {
  const site = await Site.make();
  await (await stage(site)).setUp.run();
  const { setUp, said, offers } = await stage(site);
  await setUp.run();
  expect(said).toEqual(['list', 'Making the model', 'list', `build ${RECIPE}`, 'done with answers']);
  expect(offers[0]?.detail).not.toContain('packages, 0');
});

test('a model of an earlier version is made anew', async () => {
  const site = await Site.make();
  await (await stage(site)).setUp.run();
  const { setUp, said } = await stage(site, { built: true, outdated: true });
  await setUp.run();
  expect(said).toEqual(['list', 'Making the model', 'list', `build ${RECIPE}`, 'done with answers']);
});

test('a model of the person’s choice is made and used', async () => {
  const site = await Site.make();
  await (await stage(site)).setUp.run();
  const { setUp, said } = await stage(site, { built: true });
  await setUp.run('qwen2.5-coder-1.5b');
  expect(said).toContain('build qwen2.5-coder-1.5b');
  expect(said).toContain('use qwen2.5-coder-1.5b');
});

test('an endpoint is set instead of a model, and the server installed without one', async () => {
  const site = await Site.make();
  const { setUp, said } = await stage(site, { answers: ['endpoint'], endpoint: 'http://127.0.0.1:8080/v1' });
  await setUp.run();
  expect(said).toEqual([
    'endpoint http://127.0.0.1:8080/v1',
    'Installing the language server',
    'restart',
    'done with answers',
  ]);
});

test('an endpoint that is not named after all changes nothing', async () => {
  const site = await Site.make();
  const { setUp, said } = await stage(site, { answers: ['endpoint'] });
  await setUp.run();
  expect(said).toEqual([]);
});

test('where the settings name an endpoint already, no model is spoken of', async () => {
  const site = await Site.make();
  const { setUp, said, offers } = await stage(site, { settings: { 'model.endpoint': 'http://127.0.0.1:8080/v1' } });
  await setUp.run();
  expect(offers[0]?.choices).toEqual(['setUp']);
  expect(said).toEqual(['Installing the language server', 'restart', 'done with answers']);
});

test('where no model can run, the person is told before anything', async () => {
  const site = await Site.make();
  const { setUp, said, offers } = await stage(site, { machine: INTEL_MAC, answers: ['withoutModel'] });
  await setUp.run();
  expect(offers[0]?.message).toMatch(/^No model can run on this machine/);
  expect(said).toEqual(['Installing the language server', 'restart', 'done without answers']);
});

test('where the memory is too small for the model, likewise', async () => {
  const site = await Site.make();
  const { setUp, offers } = await stage(site, { memoryBytes: 2e9, answers: [undefined] });
  await setUp.run();
  expect(offers[0]).toMatchObject({
    message: 'Qwen2.5-Coder 0.5B Instruct, 8-bit takes 3.0 GB of memory; this machine has 2.0 GB.',
    choices: ['endpoint', 'withoutModel'],
  });
});

test('a machine on which nothing runs is told so, and asked nothing', async () => {
  const site = await Site.make();
  const { setUp, offers, failures } = await stage(site, { machine: { ...LINUX, version: undefined } });
  await setUp.run();
  expect(offers).toEqual([]);
  expect(failures).toMatchObject([{ message: expect.stringContaining('musl') as unknown, remedies: [] }]);
});

test('after a failure the person can try again, and is not asked a second time', async () => {
  const site = await Site.make();
  const { setUp, offers, failures, said } = await stage(site, {
    python: { pipLines: ['ReadTimeoutError'], pipFails: true },
    onFailure: async () => {
      await site.python();
      return { kind: 'retry' };
    },
  });
  await setUp.run();
  expect(failures).toMatchObject([{ message: 'The network failed while packages were downloaded.' }]);
  expect(failures[0]).toBeInstanceOf(SetUpFailure);
  expect(offers).toHaveLength(1);
  expect(said.at(-1)).toBe('done with answers');
});

test('a server of the person’s own is left alone; only the model is made', async () => {
  const site = await Site.make();
  const { setUp, said } = await stage(site, { settings: { 'server.command': ['/opt/inglenook', 'serve'] } });
  await setUp.run();
  expect(said).toEqual(['list', 'Making the model', 'list', `build ${RECIPE}`, 'done with answers']);
  expect(await exists(site.storage)).toBe(false);
});

test('a broken environment is repaired', async () => {
  const site = await Site.make();
  await (await stage(site)).setUp.run();
  const at = await site.environments().folder();
  await fakePython(join(at, 'bin'), 'python', { serverFails: ['No module named lsp_server'] });
  const { setUp, said } = await stage(site, { built: true });
  await setUp.run();
  expect(said[0]).toBe('Installing the language server');
  expect(await site.environments().works()).toBe(true);
  await rm(pythonOf(at));
  await (await stage(site, { built: true })).setUp.run();
  expect(await site.environments().state()).toBe('whole');
});

test('an update asks nothing, makes the new beside the old, and deletes the old', async () => {
  const site = await Site.make();
  await (await stage(site)).setUp.run();
  const old = await site.environments().folder();
  const environments = site.environments('0.2.0');
  const { setUp, said, offers } = await stage(site, { environments });
  await setUp.update();
  expect(offers).toEqual([]);
  expect(said).toEqual(['Updating the language server', 'restart']);
  expect(await exists(old)).toBe(false);
  expect(await environments.state()).toBe('whole');
});

test('what an attempt has left is deleted, but not under the hands of a window that installs', async () => {
  const site = await Site.make();
  await (await stage(site)).setUp.run();
  const left = join(site.storage, 'env-0.0.9-0123');
  await mkdir(left);
  const { setUp } = await stage(site);
  const lock = join(site.storage, LOCK);
  await writeFile(lock, JSON.stringify({ pid: process.pid, host: hostname() }));
  const tidied = setUp.tidyUp();
  await setUp.run();
  expect(await exists(left)).toBe(true);
  await rm(lock);
  await tidied;
  expect(await exists(left)).toBe(false);
  expect(await site.environments().state()).toBe('whole');
});

test('run twice at once it is one set-up', async () => {
  const site = await Site.make();
  const { setUp, offers } = await stage(site);
  await Promise.all([setUp.run(), setUp.run()]);
  expect(offers).toHaveLength(1);
});

test('another model that is asked for meanwhile is made next', async () => {
  const site = await Site.make();
  const { setUp, said, failures } = await stage(site, { answers: ['setUp', 'setUp'] });
  await Promise.all([setUp.run(), setUp.run('another')]);
  expect(failures).toEqual([]);
  expect(said.filter((line) => line.startsWith('build'))).toEqual([`build ${RECIPE}`, 'build another']);
});

test('of two windows one installs and the other follows', async () => {
  const site = await Site.make();
  const calls = join(site.folder, 'calls');
  const [one, other] = [await stage(site, { python: { calls } }), await stage(site, { python: { calls } })];
  await Promise.all([one.setUp.run(), other.setUp.run()]);
  expect([...one.failures, ...other.failures]).toEqual([]);
  expect((await readFile(calls, 'utf8')).match(/-m venv/g)).toHaveLength(1);
  expect([one.said, other.said].map((said) => said.includes('restart'))).toEqual([true, true]);
});

test('a model that cannot be made is told with a way to try again; the server stays', async () => {
  const site = await Site.make();
  const refusal = new Failure('modelBuild', 'The download was cut.', 'Try again.');
  const { setUp, failures, said } = await stage(site, { refusal });
  await setUp.run();
  expect(failures).toMatchObject([
    { message: 'The download was cut.', remedies: [{ kind: 'retry' }, { kind: 'showLog' }] },
  ]);
  expect(said.at(-1)).toBe('list');
  expect(await site.environments().state()).toBe('whole');
});
