import type { Call } from '../calls/call.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { Target } from '../routing/target.ts';

/** What metrics and the performance window read off an ended call. Times in milliseconds; null where it has none. */
export interface CallFigures {
  /** That answered, or was asked last. */
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
export function figuresOf(call: Call): CallFigures {
  const { receivedAt, firstTokenAt, plan, attempts } = call;
  const isStream = call.chat.stream === true;
  return {
    target: attempts.at(-1)?.target ?? plan.targets[0],
    ttftMs: isStream && firstTokenAt !== null ? firstTokenAt - receivedAt : null,
    latencyMs: (call.endedAt ?? receivedAt) - receivedAt,
    overheadMs: overheadOf(call, isStream),
    cancelMs: cancelOf(call),
    isFault: isFault(call),
  };
}

function overheadOf({ receivedAt, firstTokenAt, endedAt, attempts, outcome }: Call, isStream: boolean): number | null {
  const [first] = attempts;
  const spoke = isStream ? attempts.find((attempt) => attempt.firstTokenAt !== null) : attempts.at(-1);
  const gotAt = isStream ? spoke?.firstTokenAt : spoke?.endedAt;
  const gaveAt = isStream ? firstTokenAt : endedAt;
  if (outcome !== 'completed' || !first || !gotAt || gaveAt === null) return null;
  return first.startedAt - receivedAt + (gaveAt - gotAt);
}

/** None for a call that was aborted between two attempts: there was nothing to close. */
function cancelOf({ abortedAt, attempts }: Call): number | null {
  const closedAt = attempts.at(-1)?.endedAt ?? null;
  return abortedAt !== null && closedAt !== null && closedAt >= abortedAt ? closedAt - abortedAt : null;
}

function isFault({ outcome, error }: Call): boolean {
  if (outcome !== 'failed' || error === null) return false;
  // A provider's limit and an empty account are no mistakes of the client, whatever their status says.
  return error.status >= 500 || error.code === 'rate_limit_exceeded' || error.code === 'insufficient_quota';
}

/** How one attempt of a call followed another. */
export interface Step {
  readonly kind: 'retry' | 'fallback' | 'rescue';
  /** The attempt that failed. */
  readonly from: Attempt;
  readonly to: Attempt;
}

/** Every attempt but the first is a retry (the same target), a fallback (another) or a rescue (the answer had begun). */
export function stepsOf({ attempts }: Call): readonly Step[] {
  return attempts.slice(1).flatMap((to, at): Step[] => {
    const from = attempts[at] ?? to;
    // Without a failure the next one was no answer to it: it ran beside.
    if (from.failure === null) return [];
    if (from.firstTokenAt !== null) return [{ kind: 'rescue', from, to }];
    return [{ kind: from.target.id === to.target.id ? 'retry' : 'fallback', from, to }];
  });
}
