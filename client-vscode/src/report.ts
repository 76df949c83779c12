import { execFile } from 'node:child_process';
import { homedir } from 'node:os';

import { type CancellationToken, ProgressLocation, env, version, window, workspace } from 'vscode';

import type { Parts } from './parts';
import type { Launch, ServerCommand } from './server/command';
import { asFailure } from './server/failure';
import { type Facts, doctorArguments, reportText } from './reportText';

/** The doctor loads the model once. */
const DOCTOR_MS = 5 * 60_000;

/** Gathers what a bug report needs, shows it, and copies it: nothing is sent anywhere. */
export async function reportProblem(parts: Parts, command: ServerCommand, extensionVersion: string): Promise<void> {
  const doctor = await window.withProgress(
    { location: ProgressLocation.Notification, title: 'Looking at the installation', cancellable: true },
    (_progress, token) => doctorOutput(command, token),
  );
  const text = reportText(factsOf(parts, extensionVersion), doctor);
  await env.clipboard.writeText(text);
  await window.showTextDocument(await workspace.openTextDocument({ content: text, language: 'markdown' }));
  window.setStatusBarMessage('The report was copied to the clipboard', 5000);
}

function factsOf({ server, status, trust }: Parts, extensionVersion: string): Facts {
  return {
    extension: extensionVersion,
    editor: `${env.appName} ${version}${env.remoteName === undefined ? '' : `, remote: ${env.remoteName}`}`,
    system: `${process.platform} ${process.arch}`,
    trusted: trust.trusted,
    folders: workspace.workspaceFolders?.length ?? 0,
    server: server.state,
    status: status.current,
  };
}

async function doctorOutput(command: ServerCommand, token: CancellationToken): Promise<string> {
  const launch = await command.resolve().catch((error: unknown) => ({ needsSetUp: asFailure(error).message }));
  if ('needsSetUp' in launch) {
    return launch.needsSetUp;
  }
  const args = doctorArguments(launch.args);
  return args === undefined
    ? 'The setting `inglenook.server.command` names a program whose doctor is not known.'
    : run({ ...launch, args }, token);
}

function run({ command, args, env: added }: Launch, token: CancellationToken): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd: homedir(), env: { ...process.env, ...added }, timeout: DOCTOR_MS };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const ending = error?.killed === true ? '(not awaited to its end)' : '';
      const said = [stdout.trim(), stderr.trim(), ending].filter(Boolean).join('\n');
      resolve(said === '' ? (error?.message ?? '') : said);
    });
    token.onCancellationRequested(() => child.kill());
  });
}
