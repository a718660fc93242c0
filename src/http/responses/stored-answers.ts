import type { KeptAnswers } from '../../conversations/kept-answers.ts';
import type { Answers } from './answers.ts';
import { RunningResponses } from './running.ts';
import { startUpkeep, type UpkeepContext } from './upkeep.ts';

/** Stored answers as the composition root has them. */
export interface StoredAnswers extends Answers {
  /** Answers that were not kept and should have been. */
  lostAnswers(): number;
  close(): Promise<void>;
}

/** What stored answers need of the rest of the house. */
export interface AnswersContext
  extends Pick<Answers, 'ids' | 'worker' | 'lost'>,
    Pick<UpkeepContext, 'conversationKeepMs'> {
  readonly now: () => number;
  /** Told once when leases cannot be kept and expired answers not be erased, and with null when they can again. */
  upkeepFailed(error: unknown): void;
}

/** @param kept null where nothing is kept */
export function createAnswers(
  kept: KeptAnswers | null,
  { ids, worker, now, conversationKeepMs, lost, upkeepFailed }: AnswersContext,
): StoredAnswers {
  const running = new RunningResponses();
  let losses = 0;
  // Of upkeep alone: its statements have no client's values, so that no client's fault can look like the store's.
  let isReachable = true;
  const failed = (error: unknown): void => {
    isReachable = error === null;
    upkeepFailed(error);
  };
  const stop = kept && startUpkeep({ store: kept.store, running, worker, now, conversationKeepMs, failed });
  return {
    threads: kept?.threads ?? null,
    running,
    ids,
    worker,
    lost(error) {
      losses++;
      lost(error);
    },
    lostAnswers: () => losses,
    isReachable: () => isReachable,
    close: async () => stop?.(),
  };
}
