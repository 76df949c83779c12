import { mkdir, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';

import { type ExtensionContext, commands } from 'vscode';

import { COMMANDS } from '../commands';
import type { Parts } from '../parts';
import { EditorUi } from './editorUi';
import { SetUp } from './flow';
import { InstallationWatch } from './following';
import type { OwnEnvironments } from './environment';
import type { Environments } from './environments';
import { findToolchain, searchPath } from './python';
import { chosenPython } from './pythonExtension';

/** There once the person was asked: the modal comes by itself only once, whatever the answer. */
const ASKED = 'asked';
const WALKTHROUGH = 'inglenook.inglenook#inglenook.welcome';

/** Registers set-up, and begins it where nothing was ever set up. */
export function registerSetUp(
  context: ExtensionContext,
  parts: Parts,
  { environments, machine }: OwnEnvironments,
): void {
  const { settings, server, connection, failures, log } = parts;
  const ui = new EditorUi(failures);
  const setUp = new SetUp({
    machine,
    memoryBytes: totalmem(),
    environments,
    findToolchain: async (here) =>
      findToolchain({
        machine: here,
        setting: settings.get('server.python'),
        chosen: chosenPython,
        path: searchPath(),
      }),
    server,
    connection,
    settings,
    ui,
    log: (line) => {
      log.info(line);
    },
  });
  const watch = new InstallationWatch(environments.root, () => {
    if (server.state.kind === 'needsSetUp') {
      void server.start();
    }
  });
  context.subscriptions.push(
    ui,
    watch,
    { dispose: () => environments.release().catch(() => undefined) }, // where nothing is carried nothing is used
    commands.registerCommand(COMMANDS.setUp, (recipe?: unknown) =>
      setUp.run(typeof recipe === 'string' ? recipe : undefined),
    ),
    commands.registerCommand(COMMANDS.openWalkthrough, () =>
      commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false),
    ),
  );
  if (settings.get('server.command').length === 0) {
    begin(environments, setUp, watch, parts).catch((error: unknown) => failures.log(error));
  }
}

/** On activation: follows other windows, asks once, updates without asking, and tidies up. */
async function begin(environments: Environments, setUp: SetUp, watch: InstallationWatch, parts: Parts): Promise<void> {
  await watch.start();
  const state = await environments.state();
  if (state === 'whole') {
    await setUp.tidyUp();
    return;
  }
  void parts.server.start(); // so that its state says what is missing, also in a window without a folder
  if (state === 'outdated') {
    await setUp.update();
  } else if (await isFirstTime(environments.root)) {
    await setUp.run();
  }
}

/** True once, for one window. */
async function isFirstTime(root: string): Promise<boolean> {
  await mkdir(root, { recursive: true });
  try {
    await writeFile(join(root, ASKED), '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
