/** Time that passes only from one thing to the next: nobody waits. */
export interface Timeline {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Does something later. */
  after(ms: number, action: () => void): void;
  /** Does everything that was put off, in its order, until nothing is left. */
  run(): void;
}

interface Entry {
  readonly at: number;
  readonly action: () => void;
}

export function createTimeline(startAt: number): Timeline {
  let at = startAt;
  // Sorted, the latest first, so that the next one is cheap to take.
  const entries: Entry[] = [];
  const placeOf = (time: number): number => {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((entries[middle]?.at ?? 0) > time) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    now: () => at,
    after: (ms, action) => void entries.splice(placeOf(at + ms), 0, { at: at + ms, action }),
    run() {
      for (let next = entries.pop(); next; next = entries.pop()) {
        at = next.at;
        next.action();
      }
    },
  };
}
