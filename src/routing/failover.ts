import type { Failure } from '../protocol/failure.ts';
import type { KeyPool } from '../upstream/key-pool.ts';
import type { Breakers } from './breaker.ts';
import type { RetryBudgets } from './budget.ts';
import { type Candidate, Permit } from './permit.ts';
import type { Plan } from './plan.ts';
import { nextAfter, retryDelayMs } from './retry.ts';
import type { Target } from './target.ts';

/** What is done after a failed attempt. */
export type Step =
  | { readonly kind: 'again'; readonly target: Target; readonly afterMs: number }
  | { readonly kind: 'next'; readonly target: Target }
  | { readonly kind: 'give-up' };

/** What a route needs of the world. */
export interface FailoverContext {
  readonly breakers: Breakers;
  readonly budgets: RetryBudgets;
  readonly providerKeys: Pick<KeyPool, 'canReplace'>;
  readonly now: () => number;
  readonly random: () => number;
}

/** The way of one call through its plan: which target is asked next. Waits for nothing and asks no provider. */
export class Failover {
  readonly #targets: Plan['targets'];
  readonly #caller: string;
  readonly #isPinned: boolean;
  readonly #deadlineAt: number;
  readonly #context: FailoverContext;
  #permit: Permit;
  #backup: Permit | null = null;
  #isHedged = false;
  #retries = 0;
  #replacedKeys = 0;
  #fallbacks = 0;

  /** @param deadlineAt when the call's time is over, in milliseconds since the epoch */
  constructor({ targets, caller, pinnedKey = null }: Plan, deadlineAt: number, context: FailoverContext) {
    const { breakers } = context;
    this.#targets = targets;
    this.#caller = caller;
    this.#isPinned = pinnedKey !== null;
    this.#deadlineAt = deadlineAt;
    this.#context = context;
    this.#permit = admitFirst(targets.entries(), caller, breakers) ?? forceOne(targets, caller, breakers);
    this.#deposit();
  }

  /** The target that is asked now. */
  get target(): Target {
    return this.#permit.target;
  }

  /** After a failure before the first token. */
  afterFailure(failure: Failure): Step {
    const { breakers, providerKeys, now, random } = this.#context;
    const { index, target } = this.#permit;
    // One bad key says nothing about the target while another works; nor is it what the budget is there to bound.
    const canReplace = !this.#isPinned && providerKeys.canReplace(target.provider, failure);
    if (canReplace && ++this.#replacedKeys < target.provider.apiKeys.length) {
      return { kind: 'again', target, afterMs: 0 };
    }
    this.#permit.failed(failure);
    const hasNext = this.#followers(failure).length > 0;
    const history = { retries: this.#retries, hasNext, remainingMs: this.#deadlineAt - now() };
    const afterMs = retryDelayMs(failure, history, target.policy.retry, random());
    const again = afterMs === null ? null : this.#afford(admitFirst([[index, target]], this.#caller, breakers));
    if (afterMs !== null && again) {
      this.#permit = again;
      this.#retries++;
      return { kind: 'again', target, afterMs };
    }
    const next = nextAfter(failure) === 'no' ? null : this.#takeNext(failure, failure);
    return next ? { kind: 'next', target: next } : { kind: 'give-up' };
  }

  /** After an answer broke off: another target, never the same; null when there is none. */
  afterInterruption(failure: Failure): Target | null {
    this.#permit.failed(failure);
    return this.#takeNext(null, failure);
  }

  /** Another target beside the current one, which is late: once per call, and only where the retry budget has room. */
  hedge(): Target | null {
    this.#backup = this.#isHedged ? null : this.#afford(this.#admitFollower(null));
    this.#isHedged ||= this.#backup !== null;
    return this.#backup?.target ?? null;
  }

  /** The other target takes the place of the current one, which has failed, or has lost the race. */
  backupWon(failure: Failure | null): void {
    if (failure) this.#permit.failed(failure);
    else this.#permit.released();
    if (this.#backup) this.#go(this.#backup);
    this.#backup = null;
  }

  /** The other target has failed, or has lost the race. */
  primaryWon(failure: Failure | null): void {
    if (failure) this.#backup?.failed(failure);
    else this.#backup?.released();
    this.#backup = null;
  }

  succeeded(): void {
    this.#permit.succeeded();
  }

  /** The call is over, whatever its attempts told about their targets. */
  end(): void {
    this.#permit.released();
    this.#backup?.released();
  }

  #go(next: Permit): Target {
    this.#permit = next;
    this.#retries = 0;
    this.#replacedKeys = 0;
    this.#deposit();
    return next.target;
  }

  #deposit(): void {
    const { id, policy } = this.#permit.target;
    this.#context.budgets.deposit(id, policy.retry.budget);
  }

  #followers(failure: Failure | null): Candidate[] {
    const { index, target } = this.#permit;
    return [...this.#targets.entries()].filter(
      ([at, next]) => at > index && mayFollow(next, target, failure) && !isOpen(next, this.#context.breakers),
    );
  }

  #admitFollower(failure: Failure | null): Permit | null {
    return admitFirst(this.#followers(failure), this.#caller, this.#context.breakers);
  }

  /** Another way that has to be paid for, where the budget has room. */
  #afford(next: Permit | null, isFree = false): Permit | null {
    if (next === null || isFree || this.#context.budgets.spend(this.#permit.target.id)) return next;
    next.released();
    return null;
  }

  #takeNext(failure: Failure | null, last: Failure): Target | null {
    // The first fallback of a call is free: it is what keeps the call alive. One that was not asked was none.
    const isPassedOver = last.kind === 'over-limit';
    const next = this.#afford(this.#admitFollower(failure), isPassedOver || this.#fallbacks === 0);
    if (next && !isPassedOver) this.#fallbacks++;
    return next && this.#go(next);
  }
}

function admitFirst(candidates: Iterable<Candidate>, caller: string, breakers: Breakers): Permit | null {
  for (const candidate of candidates) {
    const admission = breakers.admit(candidate[1].id);
    if (admission) return new Permit(candidate, admission, caller, breakers);
  }
  return null;
}

/** All are open: the one that failed the longest ago is the likeliest to be well again. */
function forceOne(targets: Plan['targets'], caller: string, breakers: Breakers): Permit {
  const failedAt = targets.map(({ id }) => breakers.lastFailedAt(id));
  const index = failedAt.indexOf(Math.min(...failedAt));
  return new Permit([index, targets[index] ?? targets[0]], 'forced', caller, breakers);
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
