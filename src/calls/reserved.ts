import type { Booking } from '../limits/spend.ts';
import type { AttemptCover } from '../routing/attempt-cover.ts';

/** What a call has set aside in the limits of its key, from its admission to its end. */
export interface Reserved {
  /** What its client is told of the limits, be it admitted or refused. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends it with what the attempts came to: once. Gives what belongs into the database; null for a call that was refused. */
  settle(): Promise<Booking | null>;
}

/** Of a call that is translated. */
export interface AnswerReserved extends Reserved, AttemptCover {
  /** Is told of a stream how many tokens it has given so far; more is set aside beside its way. */
  spoke(tokens: number): void;
}

/** Of a call that passes through. */
export interface PassedReserved extends Reserved {
  /** USD that it counts for where its answer does not tell what it cost; null for what is never told. */
  readonly presumedUsd: number | null;
}
