import { ConfigurationTarget, ProgressLocation, Uri, commands, env, window, workspace } from 'vscode';

import { COMMANDS } from '../commands';
import type { Failures } from '../parts';
import type { Progress } from '../server/connection';
import { plain } from '../status/plain';
import type { Choice, Offer } from './consent';
import { endpointProblem } from './endpoint';
import { type Remedy, SetUpFailure } from './failures';
import type { SetUpUi } from './ui';

const CHOICES: Readonly<Record<Choice, string>> = {
  setUp: 'Set Up',
  endpoint: 'Use an Endpoint…',
  withoutModel: 'Go Without a Model',
};

const REMEDIES: Readonly<Record<Remedy['kind'], string>> = {
  retry: 'Try Again',
  choosePython: 'Choose Python…',
  terminal: 'Open Terminal',
  web: 'Download Python',
  showLog: 'Show Log',
};

/** Set-up in VS Code's own words: a modal, notifications, an input box. */
export class EditorUi implements SetUpUi {
  readonly #aborts = new Set<AbortController>();

  constructor(private readonly failures: Failures) {}

  async ask({ message, detail, choices }: Offer): Promise<Choice | undefined> {
    const titles = choices.map((choice) => CHOICES[choice]);
    const title = await window.showInformationMessage(message, { modal: true, detail }, ...titles);
    return choices.find((choice) => CHOICES[choice] === title);
  }

  async askEndpoint(): Promise<string | undefined> {
    const url = await window.showInputBox({
      title: 'Inglenook: Use an Endpoint',
      prompt: 'Base URL of a server that speaks the OpenAI protocol. The code that the tools read is sent there.',
      placeHolder: 'http://127.0.0.1:8080/v1',
      ignoreFocusOut: true,
      validateInput: endpointProblem,
    });
    return url?.trim();
  }

  async setEndpoint(url: string): Promise<void> {
    await workspace.getConfiguration('inglenook').update('model.endpoint', url, ConfigurationTarget.Global);
  }

  async choosePython(): Promise<boolean> {
    const [file] = (await window.showOpenDialog({ title: 'Choose Python', openLabel: 'Use This Python' })) ?? [];
    if (file === undefined) {
      return false;
    }
    await workspace.getConfiguration('inglenook').update('server.python', file.fsPath, ConfigurationTarget.Global);
    return true;
  }

  async progress<T>(
    title: string,
    work: (report: (progress: Progress) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const options = { location: ProgressLocation.Notification, title: `Inglenook: ${title}`, cancellable: true };
    return window.withProgress(options, async (bar, token) => {
      const abort = new AbortController();
      this.#aborts.add(abort);
      const subscription = token.onCancellationRequested(() => {
        abort.abort();
      });
      let shown = 0;
      const report = ({ message, percent = shown }: Progress): void => {
        bar.report({
          ...(message === undefined ? {} : { message: plain(message) }),
          increment: Math.max(0, percent - shown),
        });
        shown = Math.max(shown, percent);
      };
      try {
        return await work(report, abort.signal);
      } finally {
        subscription.dispose();
        this.#aborts.delete(abort);
      }
    });
  }

  async tell(error: unknown): Promise<Remedy | undefined> {
    if (!(error instanceof SetUpFailure)) {
      this.failures.tell(error);
      return undefined;
    }
    this.failures.log(error);
    const titles = error.remedies.map((remedy) => REMEDIES[remedy.kind]);
    const title = await window.showErrorMessage(plain(`${error.message} ${error.hint}`), ...titles);
    const remedy = error.remedies.find(({ kind }) => REMEDIES[kind] === title);
    await act(remedy);
    return remedy;
  }

  done(answers: boolean): void {
    void offerFirst(answers ? 'Ask Codebase' : 'Search Code', answers ? COMMANDS.ask : COMMANDS.search);
  }

  /** Ends what goes on, when the window closes. */
  dispose(): void {
    this.#aborts.forEach((abort) => {
      abort.abort();
    });
  }
}

/** Does what needs nothing of set-up itself. */
async function act(remedy: Remedy | undefined): Promise<void> {
  switch (remedy?.kind) {
    case 'terminal': {
      const terminal = window.createTerminal('Inglenook');
      terminal.show();
      terminal.sendText(remedy.command, false); // the person runs it
      return;
    }
    case 'web':
      await env.openExternal(Uri.parse(remedy.url));
      return;
    case 'showLog':
      await commands.executeCommand(COMMANDS.showLog);
      return;
    case 'retry':
    case 'choosePython':
    case undefined:
      return;
  }
}

async function offerFirst(title: string, command: string): Promise<void> {
  const chosen = await window.showInformationMessage('Inglenook is set up.', title);
  if (chosen !== undefined) {
    await commands.executeCommand(command);
  }
}
