import type { KeptAnswers } from '../../conversations/kept-answers.ts';
import type { Threads } from '../../conversations/threads.ts';
import type { IdSources } from '../../languages/responses/words.ts';
import { RunningResponses } from './running.ts';
import { startUpkeep } from './upkeep.ts';

/** Stored answers: where they are kept, and which of them this process is giving. */
export interface Answers {
  /** Null where the operator keeps none. */
  readonly threads: Threads | null;
  readonly running: RunningResponses;
  readonly ids: IdSources;
  /** Names this process on the leases of what it runs. */
  readonly worker: string;
  /** An answer was not kept that should have been. */
  lost(error: unknown): void;
}

/** The same for the composition root. */
export interface StoredAnswers extends Answers {
  close(): Promise<void>;
}

/** What stored answers need of the rest of the house. */
export interface AnswersContext extends Pick<Answers, 'ids' | 'worker' | 'lost'> {
  readonly now: () => number;
}

/** @param kept null where nothing is kept */
export function createAnswers(kept: KeptAnswers | null, { ids, worker, now, lost }: AnswersContext): StoredAnswers {
  const running = new RunningResponses();
  const stop = kept && startUpkeep({ store: kept.store, running, worker, now, failed: () => undefined });
  return { threads: kept?.threads ?? null, running, ids, worker, lost, close: async () => stop?.() };
}
