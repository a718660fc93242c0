import type { Call, TranslatedCall } from '../calls/call.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { Target } from '../routing/target.ts';

/** What metrics and the performance window read off an ended chat call. Times in milliseconds; null where it has none. */
export interface CallFigures {
  /** The attempt that answered, or was made last. */
  readonly target: Target;
  /** Of streams alone: a whole answer is there at once, and its first token says nothing. */
  readonly ttftMs: number | null;
  readonly latencyMs: number;
  /** What the gateway took: until the first attempt began, and to pass on what the last one gave. */
  readonly overheadMs: number | null;
  /** From the abort until the exchange with the provider was closed. */
  readonly cancelMs: number | null;
  /** The provider or the gateway is to blame: not a client's mistake, and not a client that left. */
  readonly isFault: boolean;
}

/** @param call one that has ended */
export function figuresOf(call: TranslatedCall): CallFigures {
  const { receivedAt, firstTokenAt, plan, currentAttempt, isStream } = call;
  return {
    target: currentAttempt?.target ?? plan.targets[0],
    ttftMs: isStream && firstTokenAt !== null ? firstTokenAt - receivedAt : null,
    latencyMs: (call.endedAt ?? receivedAt) - receivedAt,
    overheadMs: overheadOf(call, isStream),
    cancelMs: cancelOf(call),
    isFault: isFault(call),
  };
}

function overheadOf(call: TranslatedCall, isStream: boolean): number | null {
  const { receivedAt, firstTokenAt, endedAt, attempts, currentAttempt, outcome } = call;
  const [first] = attempts;
  const spoke = isStream ? attempts.find(hasSpoken) : currentAttempt;
  const gotAt = isStream ? spoke?.firstTokenAt : spoke?.endedAt;
  const gaveAt = isStream ? firstTokenAt : endedAt;
  if (outcome !== 'completed' || !first || !gotAt || gaveAt === null) return null;
  return first.startedAt - receivedAt + (gaveAt - gotAt);
}

/** The first words of the answer; of two that raced only the winner's. */
function hasSpoken({ firstTokenAt, failure }: Attempt): boolean {
  return firstTokenAt !== null && failure?.kind !== 'lost-race';
}

/**
 * From the abort until the exchange with the provider was closed. None for a call that was aborted between two attempts:
 * there was nothing to close.
 */
export function cancelOf({ abortedAt, currentAttempt }: Call): number | null {
  const closedAt = currentAttempt?.endedAt ?? null;
  return abortedAt !== null && closedAt !== null && closedAt >= abortedAt ? closedAt - abortedAt : null;
}

function isFault({ outcome, error, currentAttempt }: Call): boolean {
  if (outcome !== 'failed' || error === null) return false;
  // A provider's limit or empty account is no mistake of the client, whatever the status says. A limit of the client's own
  // key has the same code, is met before any attempt, and is no fault.
  const isLimit = error.code === 'rate_limit_exceeded' || error.code === 'insufficient_quota';
  return error.status >= 500 || (isLimit && currentAttempt !== null);
}

/** How one attempt of a call followed another. */
export interface Transition {
  readonly kind: 'retry' | 'fallback' | 'rescue' | 'hedge';
  /** The attempt that failed, or was late. */
  readonly from: Attempt;
  readonly to: Attempt;
}

/**
 * Every attempt but the first is a retry (the same target), a fallback (another), a rescue (the answer had begun) or a
 * hedge (the one before it was late).
 */
export function transitionsOf({ attempts }: Call): readonly Transition[] {
  return attempts.slice(1).flatMap((to, at): Transition[] => {
    const last = attempts[at] ?? to;
    if (to.isHedge) return [{ kind: 'hedge', from: last, to }];
    const from = attempts.slice(0, at).reduce(laterEnded, last);
    // Without a failure the next one was no answer to it: it ran beside.
    if (from.failure === null) return [];
    if (to.rescue !== null) return [{ kind: 'rescue', from, to }];
    return [{ kind: from.target.id === to.target.id ? 'retry' : 'fallback', from, to }];
  });
}

/** Of two that raced, the one whose end led to what came next. */
function laterEnded(one: Attempt, other: Attempt): Attempt {
  return (other.endedAt ?? 0) > (one.endedAt ?? 0) ? other : one;
}
