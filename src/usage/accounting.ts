import type { Call } from '../calls/call.ts';
import type { EndedCall } from '../calls/ended-calls.ts';
import type { UsageConfig } from '../config/config.ts';
import type { Attempt } from '../routing/attempt.ts';
import { estimatedPrice } from './cost.ts';
import { attemptCost, createRecorder, type UsageRecord } from './record.ts';
import { createRememberedCalls } from './remembered-calls.ts';
import type { UsageStore } from './store.ts';
import { createUsageLog, type Notes, type UsageLog } from './usage-log.ts';

// The composition root gives it to the database, and imports each room once.
export { USAGE_ROOM } from './usage-room.ts';

/** What calls cost and would cost, and the log of it. */
export interface Accounting {
  /** USD, by the prices of that moment; null when they are not known. */
  readonly priceOf: typeof estimatedPrice;
  /** What an attempt cost in USD; null when it is not known. */
  costOf(attempt: Attempt): number | null;
  /** What an ended call comes to. */
  readonly toRecord: (call: Call) => UsageRecord;
  /** Null when it is switched off. */
  readonly log: UsageLog | null;
  /** The usage log, and where it is off what is remembered. */
  readonly endedCalls: Pick<UsageLog, 'ended'>;
  /** Records that could not be written. */
  lostRecords(): number;
  close(): Promise<void>;
}

/** What accounting needs of the rest of the house. */
export interface AccountingContext {
  /** The database of the store, as operators know it. */
  readonly database: string;
  /** Where it tells of its troubles. */
  readonly notes: Notes;
  readonly now: () => number;
  /** An id for a batch of records. */
  readonly newId: () => string;
  /** The ended calls in memory: those of one key, or with null of all. */
  readonly remembered: (keyName: string | null) => readonly EndedCall[];
}

/** Accounting over this store: the log is written, and cleared of what has expired, from now on. */
export function createAccounting(
  store: UsageStore,
  config: UsageConfig,
  { remembered, ...context }: AccountingContext,
): Accounting {
  const toRecord = createRecorder();
  const log = config.store === 'none' ? null : createUsageLog(store, config, { ...context, toRecord });
  return {
    priceOf: estimatedPrice,
    costOf: (attempt) => attemptCost(attempt).usd,
    toRecord,
    log,
    endedCalls: log ?? createRememberedCalls(remembered),
    lostRecords: () => log?.lost ?? 0,
    close: async () => log?.close(),
  };
}
