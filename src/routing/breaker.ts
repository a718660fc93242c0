import { LRUCache } from 'lru-cache';
import type { BreakerPolicy } from '../config/config.ts';

/** Targets remembered at most: clients can name models that are not listed. */
const MAX_TARGETS = 10_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * How an attempt was let in: `regular` through a closed breaker, `probe` alone through a half-open one, `forced`
 * through an open one because there is no other target to ask. Only the last two find out whether the target is well again.
 */
export type Admission = 'regular' | 'probe' | 'forced';

/** What a failure says beside that it happened. */
export interface Blame {
  /** Who asked: an opaque name. Who asks for what takes too long makes a target time out that serves others well. */
  readonly caller: string;
  readonly isTimeout: boolean;
}

/**
 * One circuit breaker per target, by the target's id: what fails again and again is left in peace for a while. It stays
 * closed where all the failures that count are timeouts of one caller, and another one has succeeded within the window.
 */
export interface Breakers {
  state(targetId: string): BreakerState;
  /**
   * Asks whether the target may be asked now; null when not. Every admission ends in `succeeded`, `failed` or
   * `released`.
   */
  admit(targetId: string): Admission | null;
  succeeded(targetId: string, admission: Admission, caller: string): void;
  failed(targetId: string, admission: Admission, policy: BreakerPolicy, blame: Blame): void;
  /** The attempt said nothing about the target: it was cancelled, or the request was bad. */
  released(targetId: string, admission: Admission): void;
  /** Until when an open breaker lets nothing in, in milliseconds since the epoch; null for one that is not open. */
  openUntil(targetId: string): number | null;
  /** When the target last failed, in milliseconds since the epoch; 0 when it did not. */
  lastFailedAt(targetId: string): number;
}

interface Breaker {
  /** Recent ones, oldest first. */
  failures: (Blame & { readonly at: number })[];
  openUntil: number | null;
  isProbing: boolean;
  lastFailedAt: number;
  /** Who succeeded last, and who did last before that: of any caller one of the two is another one. */
  winner: string | null;
  wonAt: number;
  wonByOtherAt: number;
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
  const breakerOf = (id: string): Breaker => {
    const known = breakers.get(id);
    if (known !== undefined) return known;
    const breaker = createBreaker();
    breakers.set(id, breaker);
    return breaker;
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
    succeeded(id, admission, caller) {
      const breaker = breakerOf(id);
      noteSuccess(breaker, caller, now());
      // A regular success whitewashes nothing: the target may fail half of its calls, or the answer began before it fell.
      if (admission !== 'regular') forgive(breaker);
    },
    failed(id, admission, policy, blame) {
      const breaker = breakerOf(id);
      endProbe(breaker, admission);
      countFailure(breaker, admission, policy, { ...blame, at: now() });
    },
    released: (id, admission) => endProbe(breakers.get(id), admission),
    openUntil(id) {
      const until = breakers.peek(id)?.openUntil ?? null;
      return until !== null && now() < until ? until : null;
    },
    lastFailedAt: (id) => breakers.peek(id)?.lastFailedAt ?? 0,
  };
}

function createBreaker(): Breaker {
  const successes = { winner: null, wonAt: 0, wonByOtherAt: 0 };
  return { failures: [], openUntil: null, isProbing: false, lastFailedAt: 0, ...successes };
}

/** Every good call comes here: it writes a time, and makes nothing. */
function noteSuccess(breaker: Breaker, caller: string, at: number): void {
  if (breaker.winner !== caller) {
    breaker.wonByOtherAt = breaker.wonAt;
    breaker.winner = caller;
  }
  breaker.wonAt = at;
}

function forgive(breaker: Breaker): void {
  breaker.failures = [];
  breaker.openUntil = null;
  breaker.isProbing = false;
  breaker.lastFailedAt = 0;
}

function countFailure(
  breaker: Breaker,
  admission: Admission,
  policy: BreakerPolicy,
  failure: Breaker['failures'][number],
): void {
  const { failures } = breaker;
  const { at } = failure;
  breaker.lastFailedAt = at;
  // What was let in before the breaker opened says nothing new: else one slow call could keep it open.
  if (breaker.openUntil !== null && admission === 'regular') return;
  failures.push(failure);
  while ((failures[0]?.at ?? at) <= at - policy.windowMs || failures.length > policy.failures) failures.shift();
  const isFull = failures.length >= policy.failures && !isOneCallersTrouble(breaker, at - policy.windowMs);
  if (breaker.openUntil !== null || isFull) breaker.openUntil = at + policy.openForMs;
}

/** All that counts are timeouts of one caller, and another one has succeeded since then. */
function isOneCallersTrouble({ failures, winner, wonAt, wonByOtherAt }: Breaker, since: number): boolean {
  const [first] = failures;
  if (first === undefined || !failures.every((one) => one.isTimeout && one.caller === first.caller)) return false;
  return (winner === first.caller ? wonByOtherAt : wonAt) > since;
}
