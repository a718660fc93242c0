/** How long something is tried again, and by which clock. */
export interface Patience {
  /** Milliseconds since the epoch, after which it is not tried any more. */
  readonly until: number;
  /** Cuts the wait before the next try short, which is then the last one. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/**
 * Does something again until it works, with pauses that double.
 * @param isFinal whether an error means that trying again is of no use
 * @throws what the last try has thrown
 */
export async function keepTrying(
  work: () => Promise<void>,
  isFinal: (error: unknown) => boolean,
  { until, signal, now, sleep }: Patience,
): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const isLast = signal.aborted;
    try {
      return await work();
    } catch (error) {
      if (isLast || isFinal(error) || now() + pauseMs >= until) throw error;
    }
    await sleep(pauseMs, signal).catch(() => undefined);
  }
}
