import { LRUCache } from 'lru-cache';

/** Targets remembered at most: clients can name models that are not listed. */
const MAX_TARGETS = 10_000;
/** What a quiet gateway may retry at once; one comes back every few seconds. */
const FLOOR = 5;
const REFILL_MS = 5000;
/** Busy times save up for no more than this many retries. */
const MAX_SAVED = 100;

/** Bounds the retries into one target, so that they cannot turn a provider's bad minute into a storm. */
export interface RetryBudgets {
  /** A call comes to this target. @param share retries that each call adds */
  deposit(targetId: string, share: number): void;
  /** Takes one retry; false when there is none left. */
  spend(targetId: string): boolean;
}

interface Bucket {
  saved: number;
  floor: number;
  refilledAt: number;
}

/** @param now milliseconds since the epoch */
export function createRetryBudgets(now: () => number): RetryBudgets {
  const buckets = new LRUCache<string, Bucket>({ max: MAX_TARGETS });
  const bucketOf = (id: string): Bucket => {
    const known = buckets.get(id);
    if (known) return known;
    const bucket = { saved: 0, floor: FLOOR, refilledAt: now() };
    buckets.set(id, bucket);
    return bucket;
  };
  return {
    deposit(id, share) {
      const bucket = bucketOf(id);
      bucket.saved = Math.min(MAX_SAVED, bucket.saved + share);
    },
    spend(id) {
      const bucket = bucketOf(id);
      refill(bucket, now());
      if (bucket.saved >= 1) bucket.saved -= 1;
      else if (bucket.floor >= 1) bucket.floor -= 1;
      else return false;
      return true;
    },
  };
}

function refill(bucket: Bucket, at: number): void {
  const refills = Math.floor((at - bucket.refilledAt) / REFILL_MS);
  bucket.floor = Math.min(FLOOR, bucket.floor + refills);
  bucket.refilledAt += refills * REFILL_MS;
}
