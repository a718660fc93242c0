import type { RetryPolicy } from '../config/config.ts';
import type { Failure } from '../protocol/failure.ts';
import { FAILURE_KINDS, type FailureKind } from '../protocol/failure-kinds.ts';

/** Whether another model may be asked after this failure. */
export function nextAfter(failure: Failure): (typeof FAILURE_KINDS)[FailureKind]['next'] {
  return FAILURE_KINDS[failure.kind].next;
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
  if (!FAILURE_KINDS[failure.kind].again || history.retries >= policy.maxRetries) return null;
  const backoff = Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.multiplier ** history.retries);
  const asked = failure.retryAfterMs;
  if (asked !== null && asked > policy.maxDelayMs && history.hasNext) return null;
  // Full jitter; on top of what the provider asks for, and never under it. "Now" is what the backoff is there to avoid.
  const delay = asked ? asked + Math.min(backoff, asked / 4) * random : backoff * random;
  return delay < history.remainingMs ? delay : null;
}
