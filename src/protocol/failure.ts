import type { Usage } from './delta.ts';
import type { FailureKind } from './failure-kinds.ts';

/** Why an attempt did not work. The kind decides what happens next; see `failure-kinds.ts`. */
export interface Failure {
  readonly kind: FailureKind;
  /** HTTP status of the provider; 0 when there was none. */
  readonly status: number;
  /** Safe to show to the client: what the provider said, never about its key. */
  readonly message: string;
  readonly retryAfterMs: number | null;
  readonly param: string | null;
  /** The provider's own machine-readable word, when it has one. */
  readonly code: string | null;
}

/** Makes a whole failure from the fields that matter. */
export function toFailure(kind: FailureKind, message: string, rest: Partial<Failure> = {}): Failure {
  return { kind, message, status: 0, retryAfterMs: null, param: null, code: null, ...rest };
}

/** Carries a {@link Failure} up to the attempt loop. */
export class AttemptError extends Error {
  readonly failure: Failure;
  /** What the provider has counted in an answer that was read as a whole, and failed. */
  readonly usage: Usage | null;

  constructor(failure: Failure, cause?: unknown, usage: Usage | null = null) {
    super(failure.message, cause === undefined ? undefined : { cause });
    this.name = 'AttemptError';
    this.failure = failure;
    this.usage = usage;
  }
}

/** Shorthand of dialects for throwing a failure found inside an answer. */
export function fail(kind: FailureKind, message: string, rest: Partial<Failure> = {}): never {
  throw new AttemptError(toFailure(kind, message, rest));
}
