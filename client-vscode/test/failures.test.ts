import type { LogOutputChannel } from 'vscode';
import { beforeEach, expect, test, vi } from 'vitest';

import { Failure } from '../src/server/failure';
import { FailureNotifications } from '../src/status/failures';

const editor = vi.hoisted(() => ({
  showErrorMessage: vi.fn<(text: string, ...titles: string[]) => Promise<string | undefined>>(),
  executeCommand: vi.fn<(command: string, ...given: unknown[]) => Promise<void>>(),
}));

vi.mock('vscode', () => ({
  window: { showErrorMessage: editor.showErrorMessage },
  commands: { executeCommand: editor.executeCommand },
}));

const TOO_SMALL = new Failure('machineTooSmall', 'The model takes 31 GB.', 'Choose a smaller one.');
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function stage() {
  const logged: string[] = [];
  const log = {
    error: (line: string) => logged.push(line),
    debug: () => undefined,
  } as unknown as LogOutputChannel;
  return { failures: new FailureNotifications(log), logged };
}

/** Notifications that stay until the test clicks on a button of theirs. */
function clicks(): ((title: string | undefined) => void)[] {
  const waiting: ((title: string | undefined) => void)[] = [];
  editor.showErrorMessage.mockImplementation(() => new Promise((resolve) => waiting.push(resolve)));
  return waiting;
}

beforeEach(() => {
  editor.executeCommand.mockResolvedValue();
});

test('too little memory is one message for as long as it is on the screen, with what mends it', async () => {
  const { failures, logged } = stage();
  const shown = clicks();
  failures.tell(TOO_SMALL);
  failures.tell(TOO_SMALL);
  expect(editor.showErrorMessage.mock.calls).toEqual([
    ['The model takes 31 GB. Choose a smaller one.', 'Select Model', 'Use an Endpoint'],
  ]);
  expect(logged).toHaveLength(2);
  shown[0]?.('Use an Endpoint');
  await settled();
  expect(editor.executeCommand.mock.calls).toEqual([['workbench.action.openSettings', 'inglenook.model.endpoint']]);
  failures.tell(TOO_SMALL);
  expect(shown).toHaveLength(2);
});

test('a button that fails is told to the log, and the message can come again', async () => {
  const { failures, logged } = stage();
  const shown = clicks();
  editor.executeCommand.mockRejectedValue(new Error('There is no such command.'));
  failures.tell(TOO_SMALL);
  shown[0]?.('Select Model');
  await settled();
  expect(logged.at(-1)).toContain('There is no such command.');
  failures.tell(TOO_SMALL);
  expect(shown).toHaveLength(2);
});

test('what a person has stopped is no message', () => {
  const { failures, logged } = stage();
  failures.tell(new Failure('cancelled', 'The request was cancelled.', ''));
  expect(editor.showErrorMessage).not.toHaveBeenCalled();
  expect(logged).toEqual([]);
});
