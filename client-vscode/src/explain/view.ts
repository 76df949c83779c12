import type { ExplainPlace } from './argument';

/** Where explanations are shown. */
export interface ExplainView {
  /** Asks for the explanation and shows it as it comes; failures are shown too. `title` names what is explained. */
  explain(place: ExplainPlace, title: string): Promise<void>;
}
