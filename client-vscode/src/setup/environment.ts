import type { ExtensionContext } from 'vscode';

import type { ServerCommand } from '../server/command';
import { Environments } from './environments';
import { type Machine, supportOf, thisMachine } from './machine';
import { OwnServer } from './ownServer';
import { readSource } from './source';

/** The server in the extension's own environment, where that is installed. */
export function ownEnvironment(context: ExtensionContext): ServerCommand {
  return new OwnServer(ownEnvironments(context).environments);
}

/** The extension's environments, and the machine that they are for. Both are looked at only when they are asked. */
export function ownEnvironments({ globalStorageUri, extensionUri, extension }: ExtensionContext): {
  readonly environments: Environments;
  readonly machine: () => Promise<Machine>;
} {
  const { version } = extension.packageJSON as { readonly version: string };
  const machine = once(thisMachine);
  const source = once(async () =>
    readSource(`${extensionUri.fsPath}/server`, version, supportOf(await machine()).kind === 'model'),
  );
  return { environments: new Environments(globalStorageUri.fsPath, source), machine };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
