import { GatewayError } from '../protocol/errors.ts';
import type { AttemptError, Failure } from '../protocol/failure.ts';
import type { CallContext } from './call-context.ts';
import { isTargetToBlame } from './permit.ts';

/** The attempts of a call, when none is left to be made. */
type Tried = Pick<CallContext, 'attempts' | 'currentAttempt'>;

/**
 * What the client hears of when nothing helped before the first token: the last failure, unless a fallback only could
 * not take the request while the trouble lay with another target. Null when there was no attempt.
 */
export function failureToReport({ attempts, currentAttempt: last }: Tried): Failure | null {
  if (!last?.failure || isTargetToBlame(last.failure)) return last?.failure ?? null;
  const earlier = attempts.findLast(({ target, failure }) => target !== last.target && failure !== null);
  return earlier?.failure && isTargetToBlame(earlier.failure) ? earlier.failure : last.failure;
}

/** What the client hears of a limit of its own key that was in the way of the last target; null for any other failure. */
export function limitErrorIn({ failure, cause }: AttemptError): GatewayError | null {
  return failure.kind === 'over-limit' && cause instanceof GatewayError ? cause : null;
}

/** Why the answer broke off: the first failure in mid-answer, unless the last target would have said something else. */
export function interruptionToReport({ attempts }: Tried, failure: Failure): Failure {
  if (failure.kind === 'other-words') return failure;
  return attempts.find((attempt) => attempt.firstTokenAt !== null && attempt.failure !== null)?.failure ?? failure;
}
