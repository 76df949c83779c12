import { extensions, workspace } from 'vscode';

/** As much of the Python extension's API as is asked. */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(): { readonly path: string };
    resolveEnvironment(
      environment: unknown,
    ): Promise<{ readonly executable: { readonly uri?: { readonly fsPath: string } } } | undefined>;
  };
}

/**
 * The Python that the person has chosen in the Python extension, where that is installed. In Restricted Mode it is not
 * asked: its choice may lie in the workspace.
 */
export async function chosenPython(): Promise<string | undefined> {
  const extension = extensions.getExtension<PythonApi>('ms-python.python');
  if (extension === undefined || !workspace.isTrusted) {
    return undefined;
  }
  try {
    const { environments } = await extension.activate();
    const resolved = await environments.resolveEnvironment(environments.getActiveEnvironmentPath());
    return resolved?.executable.uri?.fsPath;
  } catch {
    return undefined; // it is only one place of several
  }
}
