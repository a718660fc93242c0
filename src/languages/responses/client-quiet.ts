/**
 * Comments keep a connection; that the answer is alive Codex learns from events alone, within five minutes (measured). Open
 * Responses does not know the event, so that it comes as late as this.
 */
const LONG_MS = 60_000;

/** Notices that nothing was told for long. */
export class QuietStream {
  #told = -1;
  #since = 0;

  /** @param told events so far @param now milliseconds since the epoch */
  isLong(told: number, now: number): boolean {
    if (told !== this.#told) {
      this.#told = told;
      this.#since = now;
    }
    return now - this.#since >= LONG_MS;
  }
}
