import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

/** What the clock in the pictures says, so that days and hours are alike in all that are ever taken. */
const SHOWN = Date.UTC(2026, 10, 26, 15, 40);
/** Turns of the event loop, and real milliseconds, until all that was written has been read: all of it is in this process. */
const SETTLES = { turns: 20, ms: 2 };

/**
 * A clock that stands still while anything is done, and leaps where everything waits for it. So what is measured by it does not
 * depend on the machine: a pause of 300 ms is a pause of 300 ms, and takes no time.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Goes on from so many minutes before the time of the pictures. @throws Error when that were to go back */
  setBefore(minutes: number): void;
  /** Until the clock is so many milliseconds further. */
  pass(ms: number): Promise<void>;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Begins so many minutes before the time of the pictures. */
export function createClock(minutesBefore: number): Clock {
  let now = SHOWN - minutesBefore * 60_000;
  let isLeaping = false;
  const sleepers: Sleeper[] = [];
  const leap = async (): Promise<void> => {
    isLeaping = true;
    while (sleepers.length > 0) {
      await settle();
      const next = sleepers.sort((one, other) => one.until - other.until).shift();
      now = Math.max(now, next?.until ?? now);
      next?.wake();
    }
    isLeaping = false;
  };
  return {
    now: () => now,
    setBefore(minutes) {
      const then = SHOWN - minutes * 60_000;
      if (then < now) throw new Error(`The clock is ${now - then} ms further than that.`);
      now = then;
    },
    pass(ms) {
      const { promise, resolve: wake } = Promise.withResolvers<void>();
      sleepers.push({ until: now + ms, wake });
      if (!isLeaping) void leap();
      return promise;
    },
  };
}

async function settle(): Promise<void> {
  await wait(SETTLES.ms);
  for (let turns = 0; turns < SETTLES.turns; turns++) await turn();
}
