/**
 * GCRA: of a limit a minute only the theoretical arrival time is kept, when all that was taken will have been paid off.
 * Times are milliseconds of one clock that never goes back.
 */
export interface RateLimit {
  /** A minute. */
  readonly most: number;
  /** Minutes' worth that may be taken at once after a pause. */
  readonly burst: number;
}

/** What is left of a limit, as OpenAI's headers say it. */
export interface RateStanding {
  readonly limit: number;
  readonly remaining: number;
  /** Until all of it is there again. */
  readonly resetMs: number;
  /** What is left, of 1. */
  readonly share: number;
}

const MINUTE_MS = 60_000;
/** Sums of fractions are off by less: without it seven times a seventh of a minute would be more than a minute. */
const ROUNDING_MS = 0.01;

/** The arrival time after so much was taken. */
export function arrivalAfter(arrival: number, now: number, weight: number, most: number): number {
  return corrected(Math.max(arrival, now), weight, most);
}

/** The arrival time where so much more was used than had been taken, or less where the weight is negative. */
export function corrected(arrival: number, weight: number, most: number): number {
  // A limit of 0 admits nothing, so there is nothing to correct.
  return most === 0 ? arrival : arrival + (weight * MINUTE_MS) / most;
}

/**
 * For how long so much cannot be had; 0 when it can be had now. What is heavier than all that can be saved up passes when
 * nothing is owed, and is paid off later.
 */
export function waitFor({ most, burst }: RateLimit, arrival: number, now: number, weight: number): number {
  if (most === 0) return Number.POSITIVE_INFINITY;
  const owed = arrival - now;
  if (owed <= ROUNDING_MS) return 0;
  const excess = owed + (weight * MINUTE_MS) / most - MINUTE_MS * burst;
  return excess <= ROUNDING_MS ? 0 : Math.min(excess, owed);
}

/** What is left now. */
export function rateStanding({ most, burst }: RateLimit, arrival: number, now: number): RateStanding {
  const owed = Math.max(0, arrival - now);
  const left = Math.max(0, MINUTE_MS * burst - owed);
  // Of a large limit the rounding alone is several tokens: no more than a full bucket is told.
  const remaining = Math.min(((left + ROUNDING_MS) * most) / MINUTE_MS, Math.round(most * burst));
  return {
    limit: most,
    remaining: Math.floor(remaining),
    resetMs: owed,
    // Of nothing, nothing is left, although nothing of it was taken.
    share: most === 0 ? 0 : left / (MINUTE_MS * burst),
  };
}

/** The arrival time under another limit, which owes as many requests or tokens as before. */
export function rescaled(arrival: number, now: number, before: number | null, after: number | null): number {
  const owed = arrival - now;
  if (owed <= 0 || !before || !after) return Math.min(arrival, now);
  return now + (owed * before) / after;
}
