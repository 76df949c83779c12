import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Uri, WebviewView } from 'vscode';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { AskHost } from '../../src/ask/host';
import { ConversationMemory } from '../../src/ask/memory';
import type { ToView } from '../../src/ask/messages';
import { Emitter } from '../../src/emitter';
import { InputHistory } from '../../src/inputHistory';
import type { Parts } from '../../src/parts';
import type { StatusParams } from '../../src/protocol';
import { Failure, asFailure } from '../../src/server/failure';
import type { ServerState } from '../../src/server/state';
import { emptyStore } from '../store';

const editor = vi.hoisted(() => ({
  executeCommand: vi.fn<(command: string, ...given: unknown[]) => Promise<void>>(),
}));

vi.mock('vscode', () => ({
  Disposable: {
    from: (...all: readonly { dispose(): unknown }[]) => ({ dispose: () => all.map((one) => one.dispose()) }),
  },
  ThemeColor: vi.fn(),
  Uri: { joinPath: (base: string, name: string) => `${base}/${name}` },
  commands: { executeCommand: editor.executeCommand },
  window: {
    createTextEditorDecorationType: () => ({ dispose: () => undefined }),
    onDidChangeTextEditorSelection: () => ({ dispose: () => undefined }),
  },
}));

const TRUST = 'workbench.trust.manage';
const DIED = new Failure('engineDied', 'It ended.', 'Ask again.');

/** A page of the view as VS Code makes it. */
function page() {
  const posted: ToView[] = [];
  const messages = new Emitter<unknown>();
  const disposed = new Emitter<void>();
  const webview = {
    asWebviewUri: (uri: string) => uri,
    cspSource: 'https://view',
    onDidReceiveMessage: messages.event,
    postMessage: (message: ToView) => {
      posted.push(message);
      return Promise.resolve(true);
    },
  };
  const view = { webview, visible: true, onDidDispose: disposed.event, onDidChangeVisibility: new Emitter().event };
  return { view: view as unknown as WebviewView, posted, say: messages.fire.bind(messages), disposed };
}

function unexpected(error: unknown): void {
  expect.unreachable(String(error));
}

function stage(file?: string) {
  const grants = new Emitter<void>();
  const states = new Emitter<ServerState>();
  const statuses = new Emitter<StatusParams | undefined>();
  const trust = { trusted: false, onDidGrant: grants.event };
  const asked: ((error: Failure) => void)[] = [];
  const parts = {
    connection: { ask: () => new Promise((_resolve, reject) => asked.push(reject)) },
    server: { state: { kind: 'running' }, onDidChangeState: states.event },
    status: { current: undefined, onDidChange: statuses.event },
    failures: { log: asFailure, tell: () => undefined },
    trust,
  } as unknown as Parts;
  const history = new InputHistory(emptyStore(), 'inglenook.questions');
  const memory = new ConversationMemory(file, unexpected);
  const host = new AskHost('/extension' as unknown as Uri, parts, history, memory);
  const open = () => {
    const opened = page();
    host.view.resolveWebviewView(opened.view);
    opened.say({ type: 'ready' });
    return opened;
  };
  const grant = (): void => {
    trust.trusted = true;
    grants.fire();
  };
  return { host, open, grant, asked };
}

beforeEach(() => {
  editor.executeCommand.mockResolvedValue();
});

test('the line about Restricted Mode is there from the beginning, and goes when trust is granted', () => {
  const { open, grant } = stage();
  const { posted } = open();
  expect(posted).toMatchObject([{ type: 'state', notices: [{ action: { command: TRUST } }] }]);
  grant();
  expect(posted.at(-1)).toEqual({ type: 'notices', notices: [] });
});

test('the page runs what a notice offers, for as long as it does, and nothing else', () => {
  const { open, grant } = stage();
  const { say } = open();
  say({ type: 'notice', command: 'workbench.action.quit' });
  expect(editor.executeCommand).not.toHaveBeenCalled();
  say({ type: 'notice', command: TRUST });
  expect(editor.executeCommand.mock.calls).toEqual([[TRUST]]);
  grant();
  say({ type: 'notice', command: TRUST });
  expect(editor.executeCommand).toHaveBeenCalledOnce();
});

test('a view that was moved goes on in its new page when the old one is thrown away', () => {
  const { open, grant } = stage();
  const old = open();
  const moved = open();
  old.disposed.fire();
  grant();
  expect(moved.posted.at(-1)).toEqual({ type: 'notices', notices: [] });
  expect(old.posted).toHaveLength(1);
});

test('a model that ends twice in a row is told with a smaller one; what came between makes it the first again', async () => {
  const { open, asked } = stage();
  const { posted, say } = open();
  const hints: unknown[] = [];
  for (const failure of [DIED, DIED, new Failure('endpoint', 'It is gone.', ''), DIED]) {
    say({ type: 'ask', question: 'Which?' });
    asked.at(-1)?.(failure);
    await new Promise((resolve) => setImmediate(resolve));
    const last = posted.findLast(({ type }) => type === 'answer');
    hints.push(last?.type === 'answer' ? last.answer.mishap?.mend?.title : undefined);
  }
  expect(hints).toEqual([undefined, 'Select Model', 'Open Settings', undefined]);
});

test('a window that is opened again shows the conversation; a new one takes its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nook-host-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'conversation.json');
  const shown = () => answersOf(stage(file).open().posted);
  const before = stage(file);
  await before.host.ask('What is a basket?');
  before.asked[0]?.(DIED);
  await vi.waitFor(() => {
    expect(shown()).toMatchObject([{ id: 1, state: 'failed' }]);
  });
  await before.host.newConversation();
  await vi.waitFor(() => {
    expect(shown()).toEqual([]);
  });
});

function answersOf(posted: readonly ToView[]) {
  const state = posted.find(({ type }) => type === 'state');
  return state?.type === 'state' ? state.answers : undefined;
}
