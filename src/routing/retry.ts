import type { RetryPolicy } from '../config/config.ts';
import type { Failure, FailureKind } from '../protocol/failure.ts';

/** What may be tried after a failure of each kind, before the first token. */
interface KindRule {
  /** The same model may do better a moment later. */
  readonly again: boolean;
  /** Another model may do better; `larger`: only one with a larger context window. */
  readonly next: 'yes' | 'no' | 'larger';
}

const RULES = {
  'rate-limited': { again: true, next: 'yes' },
  quota: { again: false, next: 'yes' },
  overloaded: { again: true, next: 'yes' },
  server: { again: true, next: 'yes' },
  unreachable: { again: true, next: 'yes' },
  interrupted: { again: true, next: 'yes' },
  // A silent route is not asked again: the caller would wait the same time for the same silence.
  timeout: { again: false, next: 'yes' },
  unauthorized: { again: false, next: 'yes' },
  'not-found': { again: false, next: 'yes' },
  'wrong-address': { again: false, next: 'yes' },
  'context-length': { again: false, next: 'larger' },
  'content-policy': { again: false, next: 'no' },
  'invalid-request': { again: false, next: 'no' },
  'other-words': { again: false, next: 'yes' },
  'lost-race': { again: false, next: 'no' },
} as const satisfies Record<FailureKind, KindRule>;

/** Whether another model may be asked after this failure. */
export function nextAfter(failure: Failure): KindRule['next'] {
  return RULES[failure.kind].next;
}

/** What the decision depends on, beside the failure itself. */
export interface RetryHistory {
  /** Retries made on this target so far. */
  readonly retries: number;
  /** Another target could be asked now. */
  readonly hasNext: boolean;
  /** What is left of the call's deadline. */
  readonly remainingMs: number;
}

/**
 * How long to wait before the same target is asked again, in milliseconds; null when it should not be.
 * @param random a number from 0 to 1, for the jitter
 */
export function retryDelayMs(
  failure: Failure,
  history: RetryHistory,
  policy: RetryPolicy,
  random: number,
): number | null {
  if (!RULES[failure.kind].again || history.retries >= policy.maxRetries) return null;
  const backoff = Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.multiplier ** history.retries);
  const asked = failure.retryAfterMs;
  if (asked !== null && asked > policy.maxDelayMs && history.hasNext) return null;
  // Full jitter; on top of what the provider asks for, and never under it. "Now" is what the backoff is there to avoid.
  const delay = asked ? asked + Math.min(backoff, asked / 4) * random : backoff * random;
  return delay < history.remainingMs ? delay : null;
}
