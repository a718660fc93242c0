import type { Threads } from '../../conversations/threads.ts';
import type { IdSources } from '../../languages/responses/words.ts';
import type { RunningResponses } from './running.ts';

/** Stored answers: where they are kept, and which of them this process is giving. */
export interface Answers {
  /** Null where the operator keeps none. */
  readonly threads: Threads | null;
  readonly running: RunningResponses;
  readonly ids: IdSources;
  /** Names this process on the leases of what it runs. */
  readonly worker: string;
  /** False while the store is away: then nothing is put into it that may be left out. */
  isReachable(): boolean;
  /** An answer was not kept that should have been. */
  lost(error: unknown): void;
}
