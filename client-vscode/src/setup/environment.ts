import type { ExtensionContext } from 'vscode';

import { Environments } from './environments';
import { type Machine, supportOf, thisMachine } from './machine';
import { readSource } from './source';

/** The extension's environments, and the machine that they are for. Both are looked at once, when they are asked. */
export interface OwnEnvironments {
  readonly environments: Environments;
  readonly machine: () => Promise<Machine>;
}

export function ownEnvironments({ globalStorageUri, extensionUri, extension }: ExtensionContext): OwnEnvironments {
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
