import type { Booking } from '../limits/spend.ts';
import type { Awaitable } from '../protocol/awaitable.ts';
import type { GatewayError } from '../protocol/errors.ts';
import type { AttemptCover } from '../routing/attempt-cover.ts';
import type { KeyScopes } from './key-scopes.ts';

/** What a call has set aside in the limits of its key, from its admission to its end. */
export interface Reserved {
  /** In which scopes. */
  readonly scopes: KeyScopes;
  /** What its client is told of the limits, be it admitted or refused. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends it with what the attempts came to: once. Gives what belongs into the database; null for a call that was refused. */
  settle(): Awaitable<Booking | null>;
  /** Is told of a stream how many tokens it has given so far; more is set aside beside its way. */
  spoke(tokens: number): void;
}

/** Of a call that is translated. */
export interface AnswerReserved extends Reserved, AttemptCover {}

/** Of a call that passes through. */
export interface PassedReserved extends Reserved {
  /** USD that it counts for where its answer does not tell what it cost; null for what is never told. */
  readonly presumedUsd: number | null;
  /** Whether a stream of it may come to give more than is set aside, and its tokens are to be told. */
  readonly isOpen: boolean;
  /**
   * Sees to it that what is set aside pays for so many pictures.
   * @returns why they cannot be paid for; null where they can
   */
  cover(images: number): Promise<GatewayError | null>;
}
