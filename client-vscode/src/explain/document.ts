import {
  type CancellationToken,
  Disposable,
  EventEmitter,
  ProgressLocation,
  type TextDocumentContentProvider,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';

import type { Parts } from '../parts';
import type { ExplainPlace } from './argument';
import type { ExplainView } from './view';
import { ExplanationText } from './words';

const SCHEME = 'inglenook-explanation';

/**
 * Explanations as documents of their own, beside the editor. They are shown as text and not rendered: the words are
 * the model's, and no picture or link of theirs is to be followed.
 */
export class ExplanationDocuments implements ExplainView, TextDocumentContentProvider, Disposable {
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #texts = new Map<string, ExplanationText>();
  readonly #subscriptions = Disposable.from(
    this.#changed,
    workspace.registerTextDocumentContentProvider(SCHEME, this),
    workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.path)),
  );
  #made = 0;

  constructor(private readonly parts: Pick<Parts, 'connection' | 'failures'>) {}

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.path)?.markdown ?? '';
  }

  async explain(place: ExplainPlace, title: string): Promise<void> {
    this.#made += 1;
    const uri = Uri.from({ scheme: SCHEME, path: `/${this.#made}/${title.replace(/[\\/]/g, ' ')}.md` });
    const text = new ExplanationText(title);
    this.#texts.set(uri.path, text);
    const progress = { location: ProgressLocation.Notification, title: `Explaining ${title}`, cancellable: true };
    try {
      await window.withProgress(progress, (reporter, token) => {
        const told = (message: string | undefined): void => {
          reporter.report(message === undefined ? {} : { message });
        };
        return this.#stream(place, uri, text, told, token);
      });
      await this.#show(uri);
    } catch (error) {
      this.parts.failures.tell(error);
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #stream(
    place: ExplainPlace,
    uri: Uri,
    text: ExplanationText,
    told: (message: string | undefined) => void,
    token: CancellationToken,
  ): Promise<void> {
    let shown: Promise<void> | undefined;
    const listener = {
      onPart: (part: Parameters<ExplanationText['take']>[0]): void => {
        text.take(part);
        this.#changed.fire(uri);
        if (!text.isEmpty) {
          shown ??= this.#show(uri);
        }
      },
      onProgress: ({ message }: { readonly message?: string }): void => {
        told(message);
      },
    };
    text.finish(await this.parts.connection.explain(place, listener, token));
    await shown;
    this.#changed.fire(uri);
  }

  async #show(uri: Uri): Promise<void> {
    const isShown = window.visibleTextEditors.some(({ document }) => document.uri.path === uri.path);
    if (!isShown) {
      await window.showTextDocument(uri, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true });
    }
  }
}
