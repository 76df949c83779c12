import { CancellationTokenSource } from 'vscode-languageserver-protocol';

import { Emitter } from '../emitter';
import type { AskPart, AskResult } from '../protocol';
import type { Connection, Listener } from '../server/connection';
import {
  type Answer,
  type Mishap,
  type Question,
  type Step,
  again,
  answered,
  begun,
  explained,
  failed,
  heard,
  isOpen,
  placed,
  stepping,
  stopped,
} from './conversation';

/** What has happened to the conversation. */
export type Change =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'part'; readonly id: number; readonly part: AskPart }
  | { readonly kind: 'step'; readonly id: number; readonly step: Step }
  | { readonly kind: 'cleared' };

/** Turns whatever a request was rejected with into words; undefined where the person stopped it. */
export type Explain = (error: unknown) => Mishap | undefined;

interface Run {
  readonly id: number;
  readonly source: CancellationTokenSource;
}

/** The conversation that the view shows: it asks, one question after the other, and keeps what comes. */
export class Asking {
  readonly #changed = new Emitter<Change>();
  readonly onDidChange = this.#changed.event;
  #answers: readonly Answer[];
  #count: number;
  #run: Run | undefined;
  /** What the server calls this conversation. */
  #conversationId: string | undefined;

  constructor(
    private readonly connection: Pick<Connection, 'ask' | 'explain'>,
    private readonly explain: Explain,
    before: readonly Answer[] = [],
  ) {
    this.#answers = before;
    this.#count = before.at(-1)?.id ?? 0;
  }

  get answers(): readonly Answer[] {
    return this.#answers;
  }

  get busy(): boolean {
    return this.#answers.some(isOpen);
  }

  find(id: number): Answer | undefined {
    return this.#answers.find((answer) => answer.id === id);
  }

  /** Asks in this conversation, as soon as the questions before are answered. */
  ask(question: Question): void {
    this.#count += 1;
    this.#set(begun(this.#count, question));
    this.#next();
  }

  /** Asks again: the last question in its own place, an earlier one at the end. */
  retry(id: number): void {
    const answer = this.find(id);
    if (answer === undefined || isOpen(answer)) {
      return;
    }
    if (answer !== this.#answers.at(-1)) {
      this.ask(again(answer));
      return;
    }
    if (this.#answers.length === 1) {
      this.#conversationId = undefined; // else the model reads its first answer before the second
    }
    this.#set(begun(id, again(answer)));
    this.#next();
  }

  /** Ends what runs and what waits; what has come stays. */
  stop(): void {
    this.#abandon();
    this.#answers.filter(isOpen).forEach((answer) => {
      this.#set(stopped(answer));
    });
  }

  /** Begins a new conversation. */
  clear(): void {
    this.#abandon();
    this.#answers = [];
    this.#conversationId = undefined;
    this.#changed.fire({ kind: 'cleared' });
  }

  dispose(): void {
    this.#abandon();
    this.#changed.dispose();
  }

  /** Cancels the request that runs; whatever it still says is not heard. */
  #abandon(): void {
    const run = this.#run;
    this.#run = undefined;
    run?.source.cancel();
  }

  #next(): void {
    const answer = this.#answers.find(({ state }) => state === 'waiting');
    if (this.#run === undefined && answer !== undefined) {
      void this.#answer(answer);
    }
  }

  async #answer(waiting: Answer): Promise<void> {
    const run: Run = { id: waiting.id, source: new CancellationTokenSource() };
    this.#run = run;
    this.#set({ ...waiting, state: 'running', forgotten: this.#isForgotten(waiting) });
    try {
      const end = await this.#request(run, waiting.question);
      this.#finish(run, end);
    } catch (error) {
      if (run === this.#run) {
        const mishap = this.explain(error);
        this.#finish(run, (answer) => (mishap === undefined ? stopped(answer) : failed(answer, mishap)));
      }
    } finally {
      run.source.dispose();
    }
  }

  /** Whether words stand before a question that the server has never heard, or no longer knows. */
  #isForgotten({ question }: Answer): boolean {
    const heard = question.explain !== undefined || this.#conversationId !== undefined;
    return !heard && this.#answers.some(({ state, question: { explain } }) => state === 'answered' && !explain);
  }

  async #request(run: Run, { text, about, explain }: Question): Promise<(answer: Answer) => Answer> {
    const { token } = run.source;
    if (explain !== undefined) {
      const explanation = await this.connection.explain(explain, this.#listener(run), token);
      return (answer) => explained(answer, explanation);
    }
    const params = {
      question: text,
      ...(about === undefined ? {} : { context: about.context }),
      ...(this.#conversationId === undefined ? {} : { conversationId: this.#conversationId }),
    };
    const result = await this.connection.ask(params, this.#listener(run), token);
    return (answer) => this.#answered(answer, result);
  }

  #listener(run: Run): Listener<AskPart> {
    return {
      onPart: (part) => {
        this.#hear(run, { kind: 'part', id: run.id, part });
      },
      onProgress: (step) => {
        this.#hear(run, { kind: 'step', id: run.id, step });
      },
    };
  }

  #hear(run: Run, change: Extract<Change, { kind: 'part' | 'step' }>): void {
    const answer = this.find(run.id);
    if (run !== this.#run || answer === undefined) {
      return;
    }
    const next = change.kind === 'part' ? heard(answer, change.part) : stepping(answer, change.step);
    this.#answers = placed(this.#answers, next);
    this.#changed.fire(change);
  }

  #answered(answer: Answer, result: AskResult): Answer {
    const lost = this.#conversationId !== undefined && this.#conversationId !== result.conversationId;
    this.#conversationId = result.conversationId;
    return answered(answer, result, lost || answer.forgotten === true);
  }

  #finish(run: Run, end: (answer: Answer) => Answer): void {
    if (run !== this.#run) {
      return;
    }
    this.#run = undefined;
    const answer = this.find(run.id);
    if (answer !== undefined) {
      this.#set(end(answer)); // else it was the oldest of too many
    }
    this.#next();
  }

  #set(answer: Answer): void {
    this.#answers = placed(this.#answers, answer);
    this.#changed.fire({ kind: 'answer', answer });
  }
}
