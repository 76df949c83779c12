import type { Failure } from './failure';

/** Where the language server is in its life. */
export type ServerState =
  | { readonly kind: 'stopped' }
  /** There is no server to start; `reason` is a sentence for a person. */
  | { readonly kind: 'needsSetUp'; readonly reason: string }
  /** `slow` once it takes longer than a person expects. */
  | { readonly kind: 'starting'; readonly slow: boolean }
  | { readonly kind: 'running' }
  /** It has ended by itself, and is started again in `delayMs`. */
  | { readonly kind: 'waiting'; readonly delayMs: number; readonly reason: string }
  /** It was given up; only a restart helps. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** The state in a few words, for the log and for reports. */
export function stateLine(state: ServerState): string {
  switch (state.kind) {
    case 'needsSetUp':
      return `needs set-up: ${state.reason}`;
    case 'starting':
      return state.slow ? 'starting, slowly' : 'starting';
    case 'waiting':
      return `${state.reason} Next start in ${state.delayMs / 1000} s.`;
    case 'failed':
      return `given up: ${state.failure.message}`;
    case 'stopped':
    case 'running':
      return state.kind;
  }
}
