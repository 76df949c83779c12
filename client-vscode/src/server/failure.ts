import { ERROR_KINDS, type ErrorKind } from '../protocol';

/** Kinds of failure that only the client can see. */
export type ClientErrorKind = 'needsSetUp' | 'serverCommand' | 'serverUnavailable' | 'serverEnded' | 'engineFailed';

/** What went wrong, for a person: one sentence (`message`) and what to do about it (`hint`). */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly kind: ErrorKind | ClientErrorKind,
    sentence: string,
    /** May be empty. */
    readonly hint: string,
  ) {
    super(sentence);
  }

  /** Whether nothing failed: the person stopped the request, or a newer one took its place. */
  get isCancellation(): boolean {
    return this.kind === 'cancelled' || this.kind === 'superseded';
  }
}

/** Any error as a failure. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  const sentence = error instanceof Error ? error.message : String(error);
  return new Failure('internal', sentence, 'Please report this: run “Inglenook: Report Problem”.');
}

/** A kind that a server named, unless it is of a version that knows others. */
export function knownKind(kind: string | null | undefined): ErrorKind | undefined {
  return ERROR_KINDS.find((known) => known === kind);
}
