import type { Failure, FailureKind } from '../protocol/failure.ts';
import type { Admission, Breakers } from './breaker.ts';
import type { Target } from './target.ts';

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

/** A target that a call is asking, let in by its breaker: the first word about it counts, and later ones do not. */
export class Lane {
  /** Its place in the plan. */
  readonly index: number;
  readonly target: Target;
  readonly #admission: Admission;
  readonly #breakers: Breakers;
  #isTold = false;

  /** @param admission how the target's breaker let us in */
  constructor(index: number, target: Target, admission: Admission, breakers: Breakers) {
    this.index = index;
    this.target = target;
    this.#admission = admission;
    this.#breakers = breakers;
  }

  succeeded(): void {
    if (this.#isFirstWord()) this.#breakers.succeeded(this.target.id, this.#admission);
  }

  /** It says something about the target only where the target is to blame. */
  failed(failure: Failure): void {
    const { id, policy } = this.target;
    if (!isTargetToBlame(failure)) this.released();
    else if (this.#isFirstWord()) this.#breakers.failed(id, this.#admission, policy.breaker);
  }

  /** Nothing was found out. */
  released(): void {
    if (this.#isFirstWord()) this.#breakers.released(this.target.id, this.#admission);
  }

  #isFirstWord(): boolean {
    const isFirst = !this.#isTold;
    this.#isTold = true;
    return isFirst;
  }
}
