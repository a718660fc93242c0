import { GatewayError } from '../protocol/errors.ts';
import type { ThreadStore } from './store.ts';
import type { ThreadLimits } from './thread-limits.ts';
import { Threads } from './threads.ts';

// The composition root gives it to the database, and imports each room once.
export { THREADS as THREADS_ROOM } from './room.ts';

/** Stored answers and conversations: the tables as they are, and with the errors that clients are told. */
export interface KeptAnswers {
  readonly store: ThreadStore;
  readonly threads: Threads;
}

/** @param now milliseconds since the epoch */
export function createKeptAnswers(store: ThreadStore, limits: () => ThreadLimits, now: () => number): KeptAnswers {
  return { store, threads: new Threads(store, limits, now) };
}

/** Why a store did not answer, behind the error that a client was told. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof GatewayError && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
