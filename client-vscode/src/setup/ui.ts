import type { Progress } from '../server/connection';
import type { Choice, Offer } from './consent';
import type { Remedy } from './failures';

/** How set-up speaks with a person. */
export interface SetUpUi {
  /** Asks before anything is downloaded; undefined when the person declines. */
  ask(offer: Offer): Promise<Choice | undefined>;
  /** Asks for the base URL of an endpoint. */
  askEndpoint(): Promise<string | undefined>;
  setEndpoint(url: string): Promise<void>;
  /** Lets the person name a Python; whether they did. */
  choosePython(): Promise<boolean>;
  /** Shows what goes on, with a button that aborts the signal. */
  progress<T>(
    title: string,
    work: (report: (progress: Progress) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Tells a failure with a button for each remedy; what the person chose, where set-up itself must act on it. */
  tell(error: unknown): Promise<Remedy | undefined>;
  /** Tells that all is done, with what to try first. */
  done(answers: boolean): void;
}
