import type { UsageConfig } from '../config/config.ts';
import { createFairQueue, type FairQueue, type Requester } from './fair-queue.ts';
import type { EndedFilter, UsageFilter, UsageGroup, UsagePage, UsagePlace, UsageStore, UsageSums } from './store.ts';
import type { UsageWriter } from './writer.ts';

/** What has expired goes at the start, and then so often. */
const PRUNE_EVERY_MS = 3_600_000;
/** Records removed in one go: writing comes in between. */
const PRUNE_STEPS = 1000;

/**
 * What calls cost, summed up when it is asked for. Sums are made one at a time, and pages, of each key
 * in turn: else one key's forty sums would make everybody wait for all of them.
 */
export interface UsageLog {
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
  /** From now on nothing is cleared any more. */
  close(): void;
}

/** Where it tells the operator of its troubles: a pino logger. */
export type Notes = Readonly<Record<'info' | 'warn' | 'error', (facts: object, text: string) => void>>;

/** What a usage log needs of the world. */
export interface UsageLogContext {
  /** Where it tells of its troubles. */
  readonly notes: Notes;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The database as operators know it. */
  readonly database: string;
}

/** The log of this store, cleared of what has expired from now on. @param writer writes it */
export function createUsageLog(
  store: UsageStore,
  writer: Pick<UsageWriter, 'flush'>,
  config: UsageConfig,
  { notes, now, database }: UsageLogContext,
): UsageLog {
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
  store.append([], '', []).then(tidy, () => undefined);

  return {
    page: (requester, ...query) => read(pages, requester, () => store.page(...query)),
    ended: (requester, ...query) => read(sums, requester, () => store.ended(...query)),
    sums: (requester, ...query) => read(sums, requester, () => store.sums(...query)),
    close: () => clearInterval(timer),
  };
}

/** What went wrong, in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
