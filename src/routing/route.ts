import type { Failure } from '../protocol/failure.ts';
import type { KeyPool } from '../upstream/key-pool.ts';
import type { Breakers } from './breaker.ts';
import type { RetryBudgets } from './budget.ts';
import { createLane, type Lane } from './lane.ts';
import type { Plan } from './plan.ts';
import { nextAfter, retryDelayMs } from './retry.ts';
import type { Target } from './target.ts';

/** What is done after a failed attempt. */
export type Step =
  | { readonly kind: 'again'; readonly target: Target; readonly afterMs: number }
  | { readonly kind: 'next'; readonly target: Target }
  | { readonly kind: 'give-up' };

/** What a route needs of the world. */
export interface RouteContext {
  readonly breakers: Breakers;
  readonly budgets: RetryBudgets;
  readonly keys: Pick<KeyPool, 'canReplace'>;
  readonly now: () => number;
  readonly random: () => number;
}

/** The way of one call through its plan: which target is asked next. Waits for nothing and asks nobody. */
export interface Route {
  first(): Target;
  /** After a failure before the first token. */
  afterFailure(failure: Failure): Step;
  /** After an answer broke off: another target, never the same; null when there is none. */
  afterInterruption(failure: Failure): Target | null;
  /** Another target beside the current one, which is late: once per call, and only where the retry budget has room. */
  hedge(): Target | null;
  /** The other target takes the place of the current one, which has failed, or has lost the race. */
  overtaken(failure: Failure | null): void;
  /** The other target has failed, or has lost the race. */
  heldOff(failure: Failure | null): void;
  succeeded(): void;
  /** The call is over, whatever its attempts told about their targets. */
  end(): void;
}

/** @param deadlineAt when the call's time is over, in milliseconds since the epoch */
export function createRoute({ targets }: Plan, deadlineAt: number, context: RouteContext): Route {
  const { breakers, budgets, keys, now, random } = context;
  let lane = createLane(0, targets[0], 'regular', breakers);
  let rival: Lane | null = null;
  let isHedged = false;
  let retries = 0;
  let replacedKeys = 0;
  let fallbacks = 0;

  const go = (next: Lane): Target => {
    lane = next;
    retries = 0;
    replacedKeys = 0;
    budgets.deposit(lane.target.id, lane.target.policy.retry.budget);
    return lane.target;
  };
  const followers = (failure: Failure | null): Candidate[] =>
    [...targets.entries()].filter(
      ([index, target]) => index > lane.index && mayFollow(target, lane.target, failure) && !isOpen(target, breakers),
    );
  /** Another way that has to be paid for, where the budget has room. */
  const afford = (next: Lane | null, isFree = false): Lane | null => {
    if (next === null || isFree || budgets.spend(lane.target.id)) return next;
    next.released();
    return null;
  };
  const takeNext = (failure: Failure | null): Target | null => {
    // The first fallback of a call is free: it is what keeps the call alive.
    const next = afford(admitFirst(followers(failure), breakers), fallbacks === 0);
    if (next) fallbacks++;
    return next && go(next);
  };

  return {
    first: () => go(admitFirst(targets.entries(), breakers) ?? forceOne(targets, breakers)),
    afterFailure(failure) {
      const { index, target } = lane;
      // One bad key says nothing about the target while another works; nor is it what the budget is there to bound.
      if (keys.canReplace(target.provider, failure) && ++replacedKeys < target.provider.apiKeys.length) {
        return { kind: 'again', target, afterMs: 0 };
      }
      lane.failed(failure);
      const history = { retries, hasNext: followers(failure).length > 0, remainingMs: deadlineAt - now() };
      const afterMs = retryDelayMs(failure, history, target.policy.retry, random());
      const again = afterMs === null ? null : afford(admitFirst([[index, target]], breakers));
      if (afterMs !== null && again) {
        lane = again;
        retries++;
        return { kind: 'again', target, afterMs };
      }
      const next = nextAfter(failure) === 'no' ? null : takeNext(failure);
      return next ? { kind: 'next', target: next } : { kind: 'give-up' };
    },
    afterInterruption(failure) {
      lane.failed(failure);
      return takeNext(null);
    },
    hedge() {
      rival = isHedged ? null : afford(admitFirst(followers(null), breakers));
      isHedged ||= rival !== null;
      return rival?.target ?? null;
    },
    overtaken(failure) {
      if (failure) lane.failed(failure);
      else lane.released();
      if (rival) go(rival);
      rival = null;
    },
    heldOff(failure) {
      if (failure) rival?.failed(failure);
      else rival?.released();
      rival = null;
    },
    succeeded: () => lane.succeeded(),
    end() {
      lane.released();
      rival?.released();
    },
  };
}

/** A target with its place in the plan. */
type Candidate = [number, Target];

function admitFirst(candidates: Iterable<Candidate>, breakers: Breakers): Lane | null {
  for (const [index, target] of candidates) {
    const admission = breakers.admit(target.id);
    if (admission) return createLane(index, target, admission, breakers);
  }
  return null;
}

/** All are open: the one that failed the longest ago is the likeliest to be well again. */
function forceOne(targets: Plan['targets'], breakers: Breakers): Lane {
  const failedAt = targets.map(({ id }) => breakers.lastFailedAt(id));
  const index = failedAt.indexOf(Math.min(...failedAt));
  return createLane(index, targets[index] ?? targets[0], 'forced', breakers);
}

function isOpen({ id }: Target, breakers: Breakers): boolean {
  return breakers.state(id) === 'open';
}

function mayFollow(target: Target, failed: Target, failure: Failure | null): boolean {
  return failure === null || nextAfter(failure) !== 'larger' || isLarger(target, failed);
}

function isLarger({ facts }: Target, failed: Target): boolean {
  if (facts.contextWindow === null || failed.facts.contextWindow === null) return true;
  return facts.contextWindow > failed.facts.contextWindow;
}
