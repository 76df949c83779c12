import { expect, test } from 'vitest';

import { Failure, asFailure } from '../src/server/failure';
import { mendings, sentence } from '../src/status/mending';

test('a missing model is mended by setting one up, and not by words for a terminal', () => {
  const failure = new Failure('modelMissing', 'No model has been built yet.', 'Run `inglenook model build`.');
  expect(mendings(failure).map(({ title }) => title)).toEqual(['Set Up Model']);
  expect(sentence(failure)).toBe('No model has been built yet.');
});

test('where no button helps the hint is told', () => {
  const failure = new Failure('engineDied', 'The model’s process ended.', 'Ask again.');
  expect(sentence(failure)).toBe('The model’s process ended. Ask again.');
});

test('what a notification says has no Markdown', () => {
  const failure = new Failure('badRequest', 'No setting `model.speed`.', '');
  expect(sentence(failure)).toBe('No setting “model.speed”.');
});

test('a name that looks like a link to a command is none', () => {
  const name = '[Show it](command:workbench.action.terminal.sendSequence?%5B%5D).bin';
  const said = sentence(new Failure('badRequest', `${name} cannot be opened any more.`, ''));
  expect(said).not.toMatch(/\]\(/);
  expect(said.replaceAll('\u200B', '')).toContain(name);
});

test('a command that is not there is mended in the settings', () => {
  const [first] = mendings(new Failure('serverCommand', '', ''));
  expect(first).toMatchObject({ title: 'Open Settings', argument: 'inglenook.server.command' });
});

test('a server that was given up offers restart, log and report', () => {
  const titles = mendings(new Failure('serverUnavailable', '', '')).map(({ title }) => title);
  expect(titles).toEqual(['Restart', 'Show Log', 'Report Problem']);
});

test('too little memory is mended by a smaller model or by an endpoint', () => {
  const hint = 'Choose a smaller recipe: `inglenook model plan`.';
  const failure = new Failure('machineTooSmall', 'The model takes 31 GB.', hint);
  expect(mendings(failure).map(({ title }) => title)).toEqual(['Select Model', 'Use an Endpoint']);
  expect(sentence(failure)).toBe('The model takes 31 GB.');
});

test('an unforeseen error is a failure that can be reported', () => {
  const failure = asFailure(new TypeError('x is undefined'));
  expect(failure.kind).toBe('internal');
  expect(mendings(failure).map(({ title }) => title)).toContain('Report Problem');
});
