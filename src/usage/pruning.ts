import type { UsageStore } from './store.ts';

/** What an engine does for a store that has become too old or too large. */
export interface PruningSteps {
  /** Removes at most `steps` records from before this second. */
  removeBefore(second: number, steps: number): Promise<number>;
  /** How many records are beyond so many bytes: an estimate, and dear. */
  excess(maxBytes: number): Promise<number>;
  removeOldest(steps: number): Promise<number>;
}

/** What has expired goes first, then the oldest of what is too much. That is measured anew only when it is gone. */
export function createPruning({ removeBefore, excess, removeOldest }: PruningSteps): UsageStore['prune'] {
  let tooMany = 0;
  return async ({ before, maxBytes }, steps) => {
    const expired = await removeBefore(before, steps);
    if (expired > 0) return expired;
    if (tooMany <= 0) tooMany = await excess(maxBytes);
    if (tooMany <= 0) return 0;
    const removed = await removeOldest(Math.min(tooMany, steps));
    tooMany = removed === 0 ? 0 : tooMany - removed;
    return removed;
  };
}
