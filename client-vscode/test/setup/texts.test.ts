import { homedir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { offerOf } from '../../src/setup/consent';
import { MODELS, WITHOUT_MODEL, WITH_MODEL } from '../../src/setup/downloads';
import { endpointProblem } from '../../src/setup/endpoint';
import { InstallerLines } from '../../src/setup/installerLines';
import { knownPlan } from '../../src/setup/model';
import type { Toolchain } from '../../src/setup/python';

const PYTHON: Toolchain = { python: '/usr/bin/python3', version: '3.11.2', uv: undefined, fetched: false };
const LINUX = WITH_MODEL['linux-x64'] ?? { bytes: 0, oldest: 0 };
const SMALL = knownPlan('qwen2.5-coder-0.5b', 'linux', 16e9);

test('the question names what is downloaded, how large it is, and where it goes', () => {
  const { message, detail, choices } = offerOf({
    environment: { download: LINUX, toolchain: PYTHON, folder: '/mnt/storage' },
    model: { ...SMALL, folder: join(homedir(), '.local/share/inglenook') },
    noModel: undefined,
  });
  expect(message).toBe('Set up Inglenook on this machine?');
  expect(detail.split('\n\n').slice(0, 3)).toEqual([
    [
      'About 0.6 GB will be downloaded:',
      '• the server’s packages, 0.1 GB, each checked against its known hash',
      '• the model Qwen2.5-Coder 0.5B Instruct, 8-bit, 0.5 GB',
    ].join('\n'),
    expect.stringMatching(/^It takes 2\.\d GB of disk while it is made, 1\.\d GB afterwards, and 3\.0 GB of memory/),
    'It goes to\n/mnt/storage\n~/.local/share/inglenook',
  ]);
  expect(choices).toEqual(['setUp', 'endpoint']);
});

test.each([
  [0, 'This will be made:\n• the model Small, from the weights that are here: nothing is downloaded'],
  [undefined, 'This will be made:\n• the model Small, whose size is told while it is made'],
])('a model alone whose download is %s', (download, told) => {
  const model = { ...SMALL, needs: { ...SMALL.needs, title: 'Small', download }, folder: '/m' };
  expect(offerOf({ environment: undefined, model, noModel: undefined }).detail.split('\n\n')[0]).toBe(told);
});

test('only what lies in the home folder is said to', () => {
  const folder = `${homedir()}-other/storage`;
  const environment = { download: LINUX, toolchain: PYTHON, folder };
  const { detail } = offerOf({ environment, model: undefined, noModel: undefined });
  expect(detail).toContain(`It goes to\n${folder}`);
});

test('a Python that uv fetches is named too', () => {
  const toolchain = { ...PYTHON, version: '3.13', fetched: true };
  const environment = { download: LINUX, toolchain, folder: '/s' };
  expect(offerOf({ environment, model: undefined, noModel: undefined }).detail).toContain('• Python 3.13, about 35 MB');
});

test('where no model can run, an endpoint is offered instead', () => {
  const download = WITHOUT_MODEL['darwin-x64'] ?? LINUX;
  const noModel = 'No model can run on this machine: it is too small.';
  const offer = offerOf({ environment: { download, toolchain: PYTHON, folder: '/s' }, model: undefined, noModel });
  expect(offer.message).toBe(noModel);
  expect(offer.choices).toEqual(['endpoint', 'withoutModel']);
  expect(offer.detail).toContain('About 47 MB will be downloaded');
});

test('where all is there but a model cannot be, nothing is said of downloads', () => {
  const { detail } = offerOf({ environment: undefined, model: undefined, noModel: 'Too small.' });
  expect(detail).not.toMatch(/download|disk/);
});

test('a model that this machine cannot hold is refused in advance', () => {
  expect(knownPlan('qwen2.5-coder-7b', 'linux', 16e9).refusals).toEqual([
    'Qwen2.5-Coder 7B Instruct, 8-bit takes 31.5 GB of memory; this machine has 16.0 GB.',
  ]);
  expect(knownPlan('qwen2.5-coder-7b', 'darwin', 16e9).refusals).toEqual([]);
  expect(knownPlan('of-my-own', 'linux', 1e9)).toMatchObject({ needs: { title: 'of-my-own' }, refusals: [] });
});

test('every recipe has its sizes', () => {
  for (const needs of Object.values(MODELS)) {
    expect(needs?.download).toBeGreaterThan(0);
  }
});

test('what uv writes is read too', () => {
  const lines = new InstallerLines(100 * 1024 ** 2);
  expect(lines.take('Downloading numpy (25.0MiB)')).toEqual({ message: 'Downloading numpy', percent: 0 });
  expect(lines.take('Downloading mlx-cpu (75.0MiB)')).toEqual({ message: 'Downloading mlx-cpu', percent: 20 });
  expect(lines.take('Prepared 70 packages in 3.2s')).toEqual({ message: 'Unpacking packages', percent: 80 });
  expect(lines.take('Installed 70 packages in 140ms')).toBeUndefined();
});

test.each([
  ['http://127.0.0.1:8080/v1', undefined],
  [' https://models.example/v1 ', undefined],
  ['127.0.0.1:8080', 'A URL is needed, such as http://127.0.0.1:8080/v1.'],
  ['ftp://a/b', 'A URL is needed, such as http://127.0.0.1:8080/v1.'],
  [
    'https://me:key@models.example',
    'A key does not belong here: name the variable that holds it in the setting inglenook.model.endpointKeyVariable.',
  ],
])('an endpoint is a URL without a key: %s', (text, problem) => {
  expect(endpointProblem(text)).toBe(problem);
});
