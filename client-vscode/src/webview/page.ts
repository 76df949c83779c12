import type { FromView } from '../ask/messages';
import type { State } from './state';

/** What every part of the page is given. */
export interface Page {
  readonly state: State;
  /** Asks the extension for something. */
  readonly post: (message: FromView) => void;
  /** Changes what is shown. */
  readonly update: (change: (state: State) => State) => void;
  /** Opens an old answer; whoever did it with the keyboard goes on at its question. */
  readonly unfold: (id: number) => void;
  /** Shows on a button, for a moment, that it has done its work. */
  readonly confirm: (button: string) => void;
}
