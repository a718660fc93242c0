import type { Booking } from '../limits/spend.ts';
import type { UsageRecord } from './record.ts';

/** A batch is written when it has so many entries, or is so old: what ended half a second ago is safe. */
const BATCH = 200;
const WAIT_MS = 400;
/** More records than these, about 5 MB, are not kept while the store is out of order. A large one counts as several. */
const MAX_WAITING = 10_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
/** While it is out of order, that is said once in so long. */
const REPORT_MS = 60_000;

/** What an ended call leaves: its record, where records are kept, and what it adds to the sums of what was spent. */
export interface UsageEntry {
  readonly record: UsageRecord | null;
  readonly booking: Booking | null;
}

/** What the operator should know of a writer. */
export interface WriterTrouble {
  /** Why records could not be written. */
  readonly reason: string;
  /** Kept in memory, to be tried again. */
  readonly waiting: number;
  /** Since the start. */
  readonly lost: number;
}

/** Writes records in batches, out of the way of the calls that they are about. */
export interface UsageWriter {
  /** Takes an entry; never throws, never waits. */
  add(entry: UsageEntry): void;
  /** Tries to write all that has been added, now. Never rejects. */
  flush(): Promise<void>;
  /**
   * Does this while no batch is written, and one such work after the other: what it reads of the store, and what is waiting
   * when it has read, are all there is.
   */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** The batch whose end is not known: the store may have it, although it said otherwise. */
  readonly doubtful: string | null;
  /** What waits to be written. @param isWritten whether the store does have the doubtful batch */
  bookings(isWritten: boolean): readonly Booking[];
  /** The last flush: what cannot be written now is lost. */
  close(): Promise<void>;
  readonly lost: number;
}

/** What a writer needs of the world. */
export interface WriterContext {
  append(entries: readonly UsageEntry[], batch: string): Promise<void>;
  /** Milliseconds. */
  now(): number;
  /** An id for a batch. */
  newId(): string;
  failed(trouble: WriterTrouble): void;
  recovered(): void;
}

export function createUsageWriter({ append, now, newId, failed, recovered }: WriterContext): UsageWriter {
  let queue: UsageEntry[] = [];
  /** So many at the head of the queue are to be written even if they fill no batch. */
  let due = 0;
  /** The batch that is being written, also after a failure: the store may have it, and knows it by its id. */
  let current: { readonly id: string; readonly entries: readonly UsageEntry[] } | null = null;
  /** Ends when all that is to be done alone has ended. */
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let failures = 0;
  /** Of all that is in the queue. */
  let weight = 0;
  let lost = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;

  const later = (ms: number): void => {
    timer ??= setTimeout(() => void flush(), ms).unref();
  };
  const report = (reason: string): void => {
    if (now() - reportedAt < REPORT_MS) return;
    reportedAt = now();
    failed({ reason, waiting: queue.length, lost });
  };
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };
  const writeBatch = async (): Promise<void> => {
    current ??= { id: newId(), entries: queue.slice(0, BATCH) };
    const { id, entries } = current;
    await append(entries, id);
    current = null;
    queue = queue.slice(entries.length);
    due -= entries.length;
    for (const entry of entries) weight -= weightOf(entry);
  };
  const write = async (): Promise<void> => {
    try {
      // What comes meanwhile waits for its own batch. Taken along at once, as it was, a busy gateway wrote eight records
      // at a time without a pause, and each write woke the store's thread on the core that the calls need.
      while (due > 0 || queue.length >= BATCH) {
        await alone(writeBatch);
        if (failures > 0) recovered();
        failures = 0;
        reportedAt = Number.NEGATIVE_INFINITY;
      }
      if (queue.length > 0) later(WAIT_MS);
    } catch (error) {
      later(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures));
      failures += 1;
      report(error instanceof Error ? error.message : String(error));
    } finally {
      running = null;
    }
  };
  const flush = (): Promise<void> => {
    due = queue.length;
    if (running !== null) return running;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (queue.length === 0) return Promise.resolve();
    running = write();
    return running;
  };

  return {
    add(entry) {
      if (weight >= MAX_WAITING) {
        lost += 1;
        return;
      }
      queue.push(entry);
      weight += weightOf(entry);
      // The write that runs sees to it, and after a failure only time tries again.
      if (running !== null || failures > 0) return;
      if (queue.length >= BATCH) void flush();
      else later(WAIT_MS);
    },
    flush,
    alone,
    get doubtful() {
      return current?.id ?? null;
    },
    bookings(isWritten) {
      const waiting = isWritten ? queue.slice(current?.entries.length) : queue;
      return waiting.flatMap(({ booking }) => booking ?? []);
    },
    async close() {
      await running;
      await flush();
      if (timer !== null) clearTimeout(timer);
      lost += queue.length;
      reportedAt = Number.NEGATIVE_INFINITY;
      if (queue.length > 0) report('The gateway stopped before they could be written.');
      queue = [];
    },
    get lost() {
      return lost;
    },
  };
}

/** In records without what clients add to them: a pair of metadata, or an attempt, is about as large as one of those. */
function weightOf({ record }: UsageEntry): number {
  return 1 + Object.keys(record?.metadata ?? {}).length + (record?.tries?.length ?? 0);
}
