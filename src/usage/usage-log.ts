import type { Call } from '../calls/call.ts';
import type { UsageConfig } from '../config/config.ts';
import { createFairQueue, type FairQueue, type Requester } from './fair-queue.ts';
import type { UsageRecord } from './record.ts';
import type { EndedFilter, UsageFilter, UsageGroup, UsagePage, UsagePlace, UsageStore, UsageSums } from './store.ts';
import { createUsageWriter } from './writer.ts';

/** What has expired goes at the start, and then so often. */
const PRUNE_EVERY_MS = 3_600_000;
/** Records removed in one go: writing comes in between. */
const PRUNE_STEPS = 1000;
/** A database that hangs does not keep the gateway from stopping; it has a second to close after this. */
const LONGEST_CLOSE_MS = 4000;

/**
 * What calls cost: written as they end, summed up when it is asked for. Sums are made one at a time, and pages, of each key
 * in turn: else one key's forty sums would make everybody wait for all of them.
 */
export interface UsageLog {
  /** Puts an ended call on record; takes microseconds and never throws. */
  callEnded(call: Call): void;
  page(requester: Requester, filter: UsageFilter, limit: number, after: UsagePlace | null): Promise<UsagePage>;
  /** Records with their attempts, searched in turn with the sums: a rare one may be looked for among all. */
  ended(requester: Requester, filter: EndedFilter, limit: number, after: UsagePlace | null): Promise<UsagePage>;
  sums(
    requester: Requester,
    filter: UsageFilter,
    groups: readonly UsageGroup[],
    limit: number,
    aheadSeconds?: number,
  ): Promise<readonly UsageSums[]>;
  /** Records that could not be written since the start. */
  readonly lost: number;
  /** Writes what is left. */
  close(): Promise<void>;
}

/** Where it tells the operator of its troubles: a pino logger. */
export type Notes = Readonly<Record<'info' | 'warn' | 'error', (facts: object, text: string) => void>>;

/** What a usage log needs of the world. */
export interface UsageLogContext {
  /** Where it tells of its troubles. */
  readonly notes: Notes;
  /** Milliseconds since the epoch. */
  now(): number;
  /** An id for a batch of records. */
  newId(): string;
  /** The database as operators know it. */
  readonly database: string;
  /** What an ended call comes to. */
  toRecord(call: Call): UsageRecord;
}

/** A usage log over this store; what cannot be written is kept for a while, and told to the operator. */
export function createUsageLog(
  store: UsageStore,
  config: UsageConfig,
  { notes, now, newId, database, toRecord }: UsageLogContext,
): UsageLog {
  const writer = createUsageWriter({
    append: store.append,
    now,
    newId,
    failed: (trouble) => notes.error({ database, ...trouble }, 'usage records cannot be written; calls go on'),
    recovered: () => notes.info({ database, lost: writer.lost }, 'usage records are written again'),
  });
  const prune = async (): Promise<void> => {
    const limits = { before: Math.floor((now() - config.keepMs) / 1000), maxBytes: config.maxBytes };
    let removed = PRUNE_STEPS;
    while (removed > 0) removed = await store.prune(limits, PRUNE_STEPS);
  };
  const tidy = (): void => {
    prune().catch((error: unknown) =>
      notes.warn({ database, reason: reasonOf(error) }, 'old usage records cannot be removed'),
    );
  };
  const [pages, sums] = [createFairQueue(), createFairQueue()];
  /** What was added before is part of the answer, if it can be written. */
  const read = <T>(queue: FairQueue, requester: Requester, question: () => Promise<T>): Promise<T> =>
    queue.run(requester, async () => {
      await writer.flush();
      try {
        return await question();
      } catch (error) {
        notes.warn({ database, reason: reasonOf(error) }, 'the usage log cannot be read');
        throw error;
      }
    });
  const timer = setInterval(tidy, PRUNE_EVERY_MS).unref();
  // Where it cannot be opened, that is told once, by the one who opens it.
  store.append([], '').then(tidy, () => undefined);

  return {
    callEnded: (call) => writer.add(toRecord(call)),
    page: (requester, ...query) => read(pages, requester, () => store.page(...query)),
    ended: (requester, ...query) => read(sums, requester, () => store.ended(...query)),
    sums: (requester, ...query) => read(sums, requester, () => store.sums(...query)),
    get lost() {
      return writer.lost;
    },
    async close() {
      clearInterval(timer);
      const deadline = Promise.withResolvers<void>();
      const timeout = setTimeout(deadline.resolve, LONGEST_CLOSE_MS);
      await Promise.race([writer.close(), deadline.promise]);
      clearTimeout(timeout);
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
