/** What keeps a value across restarts; VS Code's Memento is one. */
export interface Store {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const KEY = 'inglenook.questions';
const MOST_QUESTIONS = 50;

/** The questions that were asked in this workspace. */
export class QuestionHistory {
  constructor(private readonly store: Store) {}

  /** The newest last. */
  get questions(): readonly string[] {
    const kept = this.store.get(KEY);
    return Array.isArray(kept) ? kept.filter((question) => typeof question === 'string') : [];
  }

  /** Puts a question at the end, and takes it away from where it was. */
  add(question: string): void {
    const others = this.questions.filter((earlier) => earlier !== question);
    void this.store.update(KEY, [...others, question].slice(-MOST_QUESTIONS));
  }
}
