/** A clock that does not go back when the machine's is set back, so that nothing is owed for longer than it was. */
export interface SteadyClock {
  /** Milliseconds since the clock was made: small numbers, whose fractions are exact. */
  elapsed(at: number): number;
}

/** @param startedAt milliseconds since the epoch, as is what it is asked with */
export function createSteadyClock(startedAt: number): SteadyClock {
  let [origin, last] = [startedAt, startedAt];
  return {
    elapsed(at) {
      if (at < last) origin -= last - at;
      last = at;
      return at - origin;
    },
  };
}
