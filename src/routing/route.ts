import type { Failure, FailureKind } from '../protocol/failure.ts';
import type { Admission, Breakers } from './breaker.ts';
import type { RetryBudgets } from './budget.ts';
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
  readonly now: () => number;
  readonly random: () => number;
  /** When the call's time is over, in milliseconds since the epoch. */
  readonly deadlineAt: number;
}

/** The way of one call through its plan: which target is asked next. Waits for nothing and asks nobody. */
export interface Route {
  first(): Target;
  /** After a failure before the first token. */
  afterFailure(failure: Failure): Step;
  /** After an answer broke off: another target, never the same; null when there is none. */
  afterInterruption(failure: Failure): Target | null;
  succeeded(): void;
  /** The call is over, whatever its last attempt told about the target. */
  end(): void;
}

/** Failures that speak against the target; the others speak against the request, or against the plan. */
const BLAMES_TARGET: ReadonlySet<FailureKind> = new Set([
  'rate-limited',
  'quota',
  'overloaded',
  'server',
  'unreachable',
  'timeout',
  'unauthorized',
  'interrupted',
]);

export function createRoute({ targets }: Plan, context: RouteContext): Route {
  const { breakers, budgets, now, random, deadlineAt } = context;
  let at = 0;
  let retries = 0;
  let fallbacks = 0;
  // How the current target's breaker let us in, as long as it waits for a word about that.
  let owed: Admission | null = null;
  const current = (): Target => targets[at] ?? targets[0];

  const go = (index: number): Target => {
    at = index;
    retries = 0;
    const target = current();
    budgets.deposit(target.id, target.policy.retry.budget);
    return target;
  };
  const admit = (index: number): boolean => {
    const admission = breakers.admit(targets[index]?.id ?? '');
    if (admission === null) return false;
    owed = admission;
    return true;
  };
  const release = (): void => {
    if (owed !== null) breakers.released(current().id, owed);
    owed = null;
  };
  const blame = (failure: Failure): void => {
    const { id, policy } = current();
    if (!isTargetToBlame(failure)) release();
    else if (owed !== null) breakers.failed(id, owed, policy.breaker);
    owed = null;
  };
  const mayGoTo = (target: Target, failure: Failure | null): boolean =>
    failure === null || nextAfter(failure) !== 'larger' || isLarger(target, current());
  const following = (failure: Failure | null): number[] =>
    [...targets.entries()]
      .filter(([index, target]) => index > at && mayGoTo(target, failure) && breakers.state(target.id) !== 'open')
      .map(([index]) => index);
  const takeNext = (failure: Failure | null): Target | null => {
    const from = current().id;
    const index = following(failure).find(admit);
    if (index === undefined) return null;
    const target = go(index);
    // The first fallback of a call is free: it is what keeps the call alive.
    if (fallbacks++ === 0 || budgets.spend(from)) return target;
    release();
    return null;
  };

  return {
    first() {
      const admitted = [...targets.keys()].find(admit);
      if (admitted !== undefined) return go(admitted);
      // All are open: the one that failed the longest ago is the likeliest to be well again.
      owed = 'forced';
      const failedAt = targets.map(({ id }) => breakers.lastFailedAt(id));
      return go(failedAt.indexOf(Math.min(...failedAt)));
    },
    afterFailure(failure) {
      blame(failure);
      const target = current();
      const history = { retries, hasNext: following(failure).length > 0, remainingMs: deadlineAt - now() };
      const afterMs = retryDelayMs(failure, history, target.policy.retry, random());
      if (afterMs !== null && admit(at)) {
        if (budgets.spend(target.id)) {
          retries++;
          return { kind: 'again', target, afterMs };
        }
        release();
      }
      const next = nextAfter(failure) === 'no' ? null : takeNext(failure);
      return next ? { kind: 'next', target: next } : { kind: 'give-up' };
    },
    afterInterruption(failure) {
      blame(failure);
      return takeNext(null);
    },
    succeeded() {
      if (owed !== null) breakers.succeeded(current().id, owed);
      owed = null;
    },
    end: release,
  };
}

/** True for a failure that speaks against the target, and not against what it was asked. */
export function isTargetToBlame({ kind }: Failure): boolean {
  return BLAMES_TARGET.has(kind);
}

function isLarger({ facts }: Target, failed: Target): boolean {
  if (facts.contextWindow === null || failed.facts.contextWindow === null) return true;
  return facts.contextWindow > failed.facts.contextWindow;
}
