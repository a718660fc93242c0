import type { Failure, FailureKind } from '../protocol/failure.ts';
import type { Admission, Breakers } from './breaker.ts';
import type { Target } from './target.ts';

/** A target that a call is asking, let in by its breaker: the first word about it counts, and later ones do not. */
export interface Lane {
  /** Its place in the plan. */
  readonly index: number;
  readonly target: Target;
  succeeded(): void;
  /** It says something about the target only where the target is to blame. */
  failed(failure: Failure): void;
  /** Nothing was found out. */
  released(): void;
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

/** True for a failure that speaks against the target, and not against what it was asked. */
export function isTargetToBlame({ kind }: Failure): boolean {
  return BLAMES_TARGET.has(kind);
}

/** @param admission how the target's breaker let us in */
export function createLane(index: number, target: Target, admission: Admission, breakers: Breakers): Lane {
  let isTold = false;
  const tell = (word: () => void): void => {
    if (!isTold) word();
    isTold = true;
  };
  const released = (): void => tell(() => breakers.released(target.id, admission));
  return {
    index,
    target,
    succeeded: () => tell(() => breakers.succeeded(target.id, admission)),
    failed(failure) {
      if (isTargetToBlame(failure)) tell(() => breakers.failed(target.id, admission, target.policy.breaker));
      else released();
    },
    released,
  };
}
