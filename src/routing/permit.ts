import type { Failure } from '../protocol/failure.ts';
import { FAILURE_KINDS } from '../protocol/failure-kinds.ts';
import type { Admission, Breakers } from './breaker.ts';
import type { Target } from './target.ts';

/** True for a failure that speaks against the target, and not against what it was asked. */
export function isTargetToBlame({ kind }: Failure): boolean {
  return FAILURE_KINDS[kind].blames === 'target';
}

/** A target with its place in the plan. */
export type Candidate = readonly [index: number, target: Target];

/** A target that a call is asking, let in by its breaker: the first word about it counts, and later ones do not. */
export class Permit {
  /** Its place in the plan. */
  readonly index: number;
  readonly target: Target;
  readonly #admission: Admission;
  readonly #caller: string;
  readonly #breakers: Breakers;
  #isReported = false;

  /** @param admission how the target's breaker let the caller in */
  constructor([index, target]: Candidate, admission: Admission, caller: string, breakers: Breakers) {
    this.index = index;
    this.target = target;
    this.#admission = admission;
    this.#caller = caller;
    this.#breakers = breakers;
  }

  succeeded(): void {
    if (this.#isFirstWord()) this.#breakers.succeeded(this.target.id, this.#admission, this.#caller);
  }

  /** It says something about the target only where the target is to blame. */
  failed(failure: Failure): void {
    const { id, policy } = this.target;
    const blame = { caller: this.#caller, isTimeout: failure.kind === 'timeout' };
    if (!isTargetToBlame(failure)) this.released();
    else if (this.#isFirstWord()) this.#breakers.failed(id, this.#admission, policy.breaker, blame);
  }

  /** Nothing was found out. */
  released(): void {
    if (this.#isFirstWord()) this.#breakers.released(this.target.id, this.#admission);
  }

  #isFirstWord(): boolean {
    const isFirst = !this.#isReported;
    this.#isReported = true;
    return isFirst;
  }
}
