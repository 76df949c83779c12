import { Disposable, type Uri, commands } from 'vscode';

import { CONTEXTS } from '../commands';
import type { ExplainPlace } from '../explain/argument';
import type { ExplainView } from '../explain/view';
import type { InputHistory } from '../inputHistory';
import type { Parts } from '../parts';
import type { Failure } from '../server/failure';
import { aboutOf } from './about';
import { AnswerActions } from './actions';
import { Asking, type Change } from './asking';
import { type About, type Mishap, shown } from './conversation';
import type { ConversationMemory } from './memory';
import type { FromView, ToView } from './messages';
import { mishapOf } from './mishap';
import { type Notice, noticesOf } from './notice';
import { askRequest } from './request';
import { AskView, type ViewHost } from './view';

/** What stands behind the view: the conversation, what the next question is about, and the state of the engine. */
export class AskHost implements ViewHost, ExplainView, Disposable {
  readonly view: AskView;
  readonly #asking: Asking;
  readonly #actions: AnswerActions;
  readonly #subscriptions: Disposable;
  #about: About | undefined;
  /** Why the last answer failed, where it did. */
  #failure: Failure | undefined;

  constructor(
    extension: Uri,
    private readonly parts: Parts,
    private readonly history: InputHistory,
    private readonly memory: ConversationMemory,
  ) {
    const explain = (error: unknown): Mishap | undefined => this.#mishapOf(parts.failures.log(error));
    this.#asking = new Asking(parts.connection, explain, memory.answers);
    this.#actions = new AnswerActions((id) => this.#asking.find(id));
    this.view = new AskView(extension, this);
    const tellNotices = (): void => {
      this.view.post({ type: 'notices', notices: this.#notices });
    };
    this.#subscriptions = Disposable.from(
      this.#actions,
      this.#asking,
      this.#asking.onDidChange((change) => {
        this.#tell(change);
      }),
      parts.server.onDidChangeState(tellNotices),
      parts.status.onDidChange(tellNotices),
      parts.trust.onDidGrant(tellNotices),
    );
  }

  /** `inglenook.ask`: asks what it is given at once, or shows the question box. */
  async ask(argument: unknown): Promise<void> {
    const { question, context } = askRequest(argument);
    const about = context === undefined ? undefined : aboutOf(context);
    if (question !== undefined) {
      this.#ask(question, about);
    } else if (about !== undefined) {
      this.#setAbout(about);
    }
    await this.#focus();
  }

  /** `inglenook.explain`: the explanation is an answer like any other. */
  async explain(place: ExplainPlace, title: string): Promise<void> {
    this.#asking.ask({ text: `Explain ${title}`, explain: place });
    await this.view.reveal();
  }

  /** `inglenook.stop`. */
  stop(): void {
    this.#asking.stop();
  }

  /** `inglenook.newConversation`. */
  async newConversation(): Promise<void> {
    this.#setAbout(undefined);
    this.#asking.clear();
    await this.#focus();
  }

  /** `inglenook.showTrace`: opens the trace of the last answer. */
  async showTrace(): Promise<void> {
    this.view.postLater({ type: 'trace' });
    await this.view.reveal();
  }

  state(): ToView {
    return {
      type: 'state',
      answers: shown(this.#asking.answers, new Set()),
      history: this.history.recent.toReversed(),
      notices: this.#notices,
      about: this.#about ?? null,
    };
  }

  handle(message: FromView): void {
    this.#handle(message).catch((error: unknown) => {
      this.parts.failures.tell(error);
    });
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /** Puts the cursor into the question box; only once the view has the focus do keys go there. */
  async #focus(): Promise<void> {
    await this.view.reveal();
    this.view.postLater({ type: 'focus' });
  }

  async #handle(message: FromView): Promise<void> {
    switch (message.type) {
      case 'ready':
        return;
      case 'ask':
        this.#ask(message.question, this.#about);
        this.#setAbout(undefined);
        return;
      case 'stop':
        this.stop();
        return;
      case 'dropAbout':
        this.#setAbout(undefined);
        return;
      case 'retry':
        this.#asking.retry(message.id);
        return;
      case 'unfold':
        this.#unfold(message.id);
        return;
      case 'notice':
        await this.#followNotice(message.command);
        return;
      case 'copy':
      case 'copyCode':
      case 'openDocument':
      case 'exportTrace':
      case 'openPlace':
      case 'openLink':
      case 'mend':
        await this.#actions.run(message);
    }
  }

  #ask(question: string, about: About | undefined): void {
    const text = question.trim();
    this.history.remember(text);
    this.#asking.ask(about === undefined ? { text } : { text, about });
  }

  #mishapOf(failure: Failure): Mishap | undefined {
    if (failure.isCancellation) {
      return undefined;
    }
    const before = this.#failure;
    this.#failure = failure;
    return mishapOf(failure, before);
  }

  #setAbout(about: About | undefined): void {
    this.#about = about;
    this.view.post({ type: 'about', about: about ?? null });
  }

  #unfold(id: number): void {
    const answer = this.#asking.find(id);
    if (answer !== undefined) {
      this.view.post({ type: 'answer', answer });
    }
  }

  get #notices(): readonly Notice[] {
    const { server, status, trust } = this.parts;
    return noticesOf(server.state, status.current, trust.trusted);
  }

  /** Runs what a notice offers now, and nothing else that the page may ask for. */
  async #followNotice(command: string): Promise<void> {
    const offered = this.#notices.find(({ action }) => action?.command === command);
    if (offered !== undefined) {
      await commands.executeCommand(command);
    }
  }

  #tell(change: Change): void {
    switch (change.kind) {
      case 'part':
        this.view.post({ type: 'part', id: change.id, part: change.part });
        return;
      case 'step':
        this.view.post({ type: 'step', id: change.id, step: change.step });
        return;
      case 'answer':
        this.view.post({ type: 'answer', answer: change.answer });
        this.#failure = change.answer.state === 'answered' ? undefined : this.#failure;
        break;
      case 'cleared':
        this.view.post(this.state());
    }
    void this.memory.keep(this.#asking.answers);
    void commands.executeCommand('setContext', CONTEXTS.asking, this.#asking.busy);
  }
}
