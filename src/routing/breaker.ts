import { LRUCache } from 'lru-cache';
import type { BreakerPolicy } from '../config/config.ts';

/** Targets remembered at most: clients can name models that are not listed. */
const MAX_TARGETS = 10_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

/** One circuit breaker per target, by the target's id: what fails again and again is left in peace for a while. */
export interface Breakers {
  state(targetId: string): BreakerState;
  /**
   * Asks whether the target may be asked now; a half-open breaker lets one probe through. Every admission ends in
   * `succeeded`, `failed` or `released`.
   */
  admit(targetId: string): boolean;
  succeeded(targetId: string): void;
  failed(targetId: string, policy: BreakerPolicy): void;
  /** The attempt said nothing about the target: it was cancelled, or the request was bad. */
  released(targetId: string): void;
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
  return {
    state: (id) => stateOf(breakers.get(id)),
    admit(id) {
      const breaker = breakers.get(id);
      const state = stateOf(breaker);
      if (breaker === undefined || state === 'closed') return true;
      if (state === 'open' || breaker.isProbing) return false;
      breaker.isProbing = true;
      return true;
    },
    succeeded(id) {
      // Successes in between do not whitewash a target that fails half of its calls: only a probe closes at once.
      const breaker = breakers.get(id);
      if (breaker !== undefined && breaker.openUntil !== null) breakers.delete(id);
    },
    failed(id, policy) {
      const breaker = breakers.get(id) ?? { failures: [], openUntil: null, isProbing: false, lastFailedAt: 0 };
      breakers.set(id, breaker);
      countFailure(breaker, policy, now());
    },
    released(id) {
      const breaker = breakers.get(id);
      if (breaker) breaker.isProbing = false;
    },
    lastFailedAt: (id) => breakers.peek(id)?.lastFailedAt ?? 0,
  };
}

function countFailure(breaker: Breaker, { failures, windowMs, openForMs }: BreakerPolicy, at: number): void {
  const wasOpen = breaker.openUntil !== null;
  breaker.isProbing = false;
  breaker.lastFailedAt = at;
  breaker.failures.push(at);
  while ((breaker.failures[0] ?? at) <= at - windowMs || breaker.failures.length > failures) breaker.failures.shift();
  if (wasOpen || breaker.failures.length >= failures) breaker.openUntil = at + openForMs;
}
