import { LRUCache } from 'lru-cache';
import type { BreakerPolicy } from '../config/config.ts';

/** Targets remembered at most: clients can name models that are not listed. */
const MAX_TARGETS = 10_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * How an attempt was let in: `regular` through a closed breaker, `probe` alone through a half-open one, `forced`
 * through an open one because there is nobody else to ask. Only the last two find out whether the target is well again.
 */
export type Admission = 'regular' | 'probe' | 'forced';

/** One circuit breaker per target, by the target's id: what fails again and again is left in peace for a while. */
export interface Breakers {
  state(targetId: string): BreakerState;
  /**
   * Asks whether the target may be asked now; null when not. Every admission ends in `succeeded`, `failed` or
   * `released`.
   */
  admit(targetId: string): Admission | null;
  succeeded(targetId: string, admission: Admission): void;
  failed(targetId: string, admission: Admission, policy: BreakerPolicy): void;
  /** The attempt said nothing about the target: it was cancelled, or the request was bad. */
  released(targetId: string, admission: Admission): void;
  /** When the target last failed, in milliseconds since the epoch; 0 when it did not. */
  lastFailedAt(targetId: string): number;
}

interface Breaker {
  /** Times of recent failures, oldest first. */
  readonly failures: number[];
  openUntil: number | null;
  isProbing: boolean;
  lastFailedAt: number;
}

/** @param now milliseconds since the epoch */
export function createBreakers(now: () => number): Breakers {
  const breakers = new LRUCache<string, Breaker>({ max: MAX_TARGETS });
  const stateOf = (breaker: Breaker | undefined): BreakerState => {
    if (breaker === undefined || breaker.openUntil === null) return 'closed';
    return now() < breaker.openUntil ? 'open' : 'half-open';
  };
  const endProbe = (breaker: Breaker | undefined, admission: Admission): void => {
    if (breaker && admission === 'probe') breaker.isProbing = false;
  };
  return {
    state: (id) => stateOf(breakers.get(id)),
    admit(id) {
      const breaker = breakers.get(id);
      const state = stateOf(breaker);
      if (breaker === undefined || state === 'closed') return 'regular';
      if (state === 'open' || breaker.isProbing) return null;
      breaker.isProbing = true;
      return 'probe';
    },
    succeeded(id, admission) {
      // A regular success whitewashes nothing: the target may fail half of its calls, or the answer began before it fell.
      if (admission !== 'regular') breakers.delete(id);
    },
    failed(id, admission, policy) {
      const breaker = breakers.get(id) ?? { failures: [], openUntil: null, isProbing: false, lastFailedAt: 0 };
      breakers.set(id, breaker);
      endProbe(breaker, admission);
      countFailure(breaker, admission, policy, now());
    },
    released: (id, admission) => endProbe(breakers.get(id), admission),
    lastFailedAt: (id) => breakers.peek(id)?.lastFailedAt ?? 0,
  };
}

function countFailure(breaker: Breaker, admission: Admission, policy: BreakerPolicy, at: number): void {
  const { failures } = breaker;
  breaker.lastFailedAt = at;
  // What was let in before the breaker opened says nothing new: else one slow call could keep it open.
  if (breaker.openUntil !== null && admission === 'regular') return;
  failures.push(at);
  while ((failures[0] ?? at) <= at - policy.windowMs || failures.length > policy.failures) failures.shift();
  if (breaker.openUntil !== null || failures.length >= policy.failures) breaker.openUntil = at + policy.openForMs;
}
