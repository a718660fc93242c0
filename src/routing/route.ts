import type { Failure, FailureKind } from '../protocol/failure.ts';
import type { Breakers } from './breaker.ts';
import type { RetryBudgets } from './budget.ts';
import type { Plan } from './plan.ts';
import { nextAfter, retryDelayMs } from './retry.ts';
import type { Target } from './target.ts';

/** What is done after a failed attempt. */
export type Step =
  | { readonly kind: 'again'; readonly target: Target; readonly afterMs: number }
  | { readonly kind: 'next'; readonly target: Target }
  | { readonly kind: 'give-up' };

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

/** Failures that speak against the target; the others speak against the request. */
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
  // The target whose breaker let us in and still waits for a word about it.
  let owed: string | null = null;
  const current = (): Target => targets[at] ?? targets[0];

  const go = (index: number): Target => {
    at = index;
    retries = 0;
    return current();
  };
  const admit = ({ id }: Target): boolean => {
    const isAdmitted = breakers.admit(id);
    if (isAdmitted) owed = id;
    return isAdmitted;
  };
  const release = (): void => {
    if (owed !== null) breakers.released(owed);
    owed = null;
  };
  const blame = (failure: Failure): void => {
    if (BLAMES_TARGET.has(failure.kind)) {
      breakers.failed(current().id, current().policy.breaker);
      owed = null;
    } else release();
  };
  const mayGoTo = (target: Target, failure: Failure | null): boolean =>
    failure === null || nextAfter(failure) !== 'larger' || isLarger(target, current());
  const following = (failure: Failure | null): number =>
    targets.findIndex(
      (target, index) => index > at && mayGoTo(target, failure) && breakers.state(target.id) !== 'open',
    );
  // The first fallback of a call is free: it is what keeps the call alive.
  const takeNext = (failure: Failure | null): Target | null => {
    for (let index = following(failure); index > at; index = following(failure)) {
      const from = current().id;
      const target = go(index);
      if (!admit(target)) continue;
      if (fallbacks++ === 0 || budgets.spend(from)) return target;
      release();
      return null;
    }
    return null;
  };

  return {
    first() {
      budgets.deposit(targets[0].id, targets[0].policy.retry.budget);
      const admitted = targets.findIndex(admit);
      if (admitted >= 0) return go(admitted);
      // All are open: the one that failed the longest ago is the likeliest to be well again.
      const failedAt = targets.map(({ id }) => breakers.lastFailedAt(id));
      return go(failedAt.indexOf(Math.min(...failedAt)));
    },
    afterFailure(failure) {
      blame(failure);
      const target = current();
      const history = { retries, hasNext: following(failure) > at, remainingMs: deadlineAt - now() };
      const afterMs = retryDelayMs(failure, history, target.policy.retry, random());
      if (afterMs !== null && admit(target)) {
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
      breakers.succeeded(current().id);
      owed = null;
    },
    end: release,
  };
}

function isLarger({ facts }: Target, failed: Target): boolean {
  if (facts.contextWindow === null || failed.facts.contextWindow === null) return true;
  return facts.contextWindow > failed.facts.contextWindow;
}
