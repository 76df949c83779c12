/** How long to wait before each start after a crash. */
const DELAYS_MS: readonly number[] = [1000, 2000, 4000, 8000, 16_000];
/** A crash counts for this long. */
const WINDOW_MS = 3 * 60_000;

/** Decides whether a server that ended by itself is started again, and when. */
export class BackOff {
  #crashes: readonly number[] = [];

  /** Counts a crash at the time `now`. Returns the milliseconds to wait, or undefined once it crashed too often. */
  afterCrash(now: number): number | undefined {
    const counting = this.#crashes.filter((time) => now - time < WINDOW_MS);
    this.#crashes = [...counting, now];
    return DELAYS_MS[counting.length];
  }

  /** Forgets every crash. */
  reset(): void {
    this.#crashes = [];
  }
}
