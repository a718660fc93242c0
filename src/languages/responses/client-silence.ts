/** So long nothing but comments is said: Open Responses does not know the event that says more. */
const LONG_MS = 60_000;

/** How long a stream has told nothing. */
export class Silence {
  #since: number | null = null;

  break(): void {
    this.#since = null;
  }

  /** Asked at every heartbeat; true once a minute. @param now milliseconds since the epoch */
  isLong(now: number): boolean {
    this.#since ??= now;
    const isLong = now - this.#since >= LONG_MS;
    if (isLong) this.#since = now;
    return isLong;
  }
}
