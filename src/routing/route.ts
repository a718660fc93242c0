import type { Failure } from '../protocol/failure.ts';
import type { KeyPool } from '../upstream/key-pool.ts';
import type { Breakers } from './breaker.ts';
import type { RetryBudgets } from './budget.ts';
import { type Candidate, Lane } from './lane.ts';
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
export class Route {
  readonly #targets: Plan['targets'];
  readonly #caller: string;
  readonly #deadlineAt: number;
  readonly #context: RouteContext;
  #lane: Lane;
  #rival: Lane | null = null;
  #isHedged = false;
  #retries = 0;
  #replacedKeys = 0;
  #fallbacks = 0;

  /** @param deadlineAt when the call's time is over, in milliseconds since the epoch */
  constructor({ targets, caller }: Plan, deadlineAt: number, context: RouteContext) {
    const { breakers } = context;
    this.#targets = targets;
    this.#caller = caller;
    this.#deadlineAt = deadlineAt;
    this.#context = context;
    this.#lane = admitFirst(targets.entries(), caller, breakers) ?? forceOne(targets, caller, breakers);
    this.#deposit();
  }

  /** The target that is asked now. */
  get target(): Target {
    return this.#lane.target;
  }

  /** After a failure before the first token. */
  afterFailure(failure: Failure): Step {
    const { breakers, keys, now, random } = this.#context;
    const { index, target } = this.#lane;
    // One bad key says nothing about the target while another works; nor is it what the budget is there to bound.
    if (keys.canReplace(target.provider, failure) && ++this.#replacedKeys < target.provider.apiKeys.length) {
      return { kind: 'again', target, afterMs: 0 };
    }
    this.#lane.failed(failure);
    const hasNext = this.#followers(failure).length > 0;
    const history = { retries: this.#retries, hasNext, remainingMs: this.#deadlineAt - now() };
    const afterMs = retryDelayMs(failure, history, target.policy.retry, random());
    const again = afterMs === null ? null : this.#afford(admitFirst([[index, target]], this.#caller, breakers));
    if (afterMs !== null && again) {
      this.#lane = again;
      this.#retries++;
      return { kind: 'again', target, afterMs };
    }
    const next = nextAfter(failure) === 'no' ? null : this.#takeNext(failure);
    return next ? { kind: 'next', target: next } : { kind: 'give-up' };
  }

  /** After an answer broke off: another target, never the same; null when there is none. */
  afterInterruption(failure: Failure): Target | null {
    this.#lane.failed(failure);
    return this.#takeNext(null);
  }

  /** Another target beside the current one, which is late: once per call, and only where the retry budget has room. */
  hedge(): Target | null {
    this.#rival = this.#isHedged ? null : this.#afford(this.#admitFollower(null));
    this.#isHedged ||= this.#rival !== null;
    return this.#rival?.target ?? null;
  }

  /** The other target takes the place of the current one, which has failed, or has lost the race. */
  overtaken(failure: Failure | null): void {
    if (failure) this.#lane.failed(failure);
    else this.#lane.released();
    if (this.#rival) this.#go(this.#rival);
    this.#rival = null;
  }

  /** The other target has failed, or has lost the race. */
  heldOff(failure: Failure | null): void {
    if (failure) this.#rival?.failed(failure);
    else this.#rival?.released();
    this.#rival = null;
  }

  succeeded(): void {
    this.#lane.succeeded();
  }

  /** The call is over, whatever its attempts told about their targets. */
  end(): void {
    this.#lane.released();
    this.#rival?.released();
  }

  #go(next: Lane): Target {
    this.#lane = next;
    this.#retries = 0;
    this.#replacedKeys = 0;
    this.#deposit();
    return next.target;
  }

  #deposit(): void {
    const { id, policy } = this.#lane.target;
    this.#context.budgets.deposit(id, policy.retry.budget);
  }

  #followers(failure: Failure | null): Candidate[] {
    const { index, target } = this.#lane;
    return [...this.#targets.entries()].filter(
      ([at, next]) => at > index && mayFollow(next, target, failure) && !isOpen(next, this.#context.breakers),
    );
  }

  #admitFollower(failure: Failure | null): Lane | null {
    return admitFirst(this.#followers(failure), this.#caller, this.#context.breakers);
  }

  /** Another way that has to be paid for, where the budget has room. */
  #afford(next: Lane | null, isFree = false): Lane | null {
    if (next === null || isFree || this.#context.budgets.spend(this.#lane.target.id)) return next;
    next.released();
    return null;
  }

  #takeNext(failure: Failure | null): Target | null {
    // The first fallback of a call is free: it is what keeps the call alive.
    const next = this.#afford(this.#admitFollower(failure), this.#fallbacks === 0);
    if (next) this.#fallbacks++;
    return next && this.#go(next);
  }
}

function admitFirst(candidates: Iterable<Candidate>, caller: string, breakers: Breakers): Lane | null {
  for (const candidate of candidates) {
    const admission = breakers.admit(candidate[1].id);
    if (admission) return new Lane(candidate, admission, caller, breakers);
  }
  return null;
}

/** All are open: the one that failed the longest ago is the likeliest to be well again. */
function forceOne(targets: Plan['targets'], caller: string, breakers: Breakers): Lane {
  const failedAt = targets.map(({ id }) => breakers.lastFailedAt(id));
  const index = failedAt.indexOf(Math.min(...failedAt));
  return new Lane([index, targets[index] ?? targets[0]], 'forced', caller, breakers);
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
