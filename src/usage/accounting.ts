import type { Call } from '../calls/call.ts';
import type { EndedCall } from '../calls/ended-calls.ts';
import type { UsageConfig } from '../config/config.ts';
import type { Governance } from '../limits/governance.ts';
import type { Scope } from '../limits/scope.ts';
import type { Booking } from '../limits/spend.ts';
import type { Attempt } from '../routing/attempt.ts';
import { estimatedPrice } from './cost.ts';
import { attemptCost, createRecorder, type UsageRecord } from './record.ts';
import { createRememberedCalls } from './remembered-calls.ts';
import { createSpendBook, type SpendBook } from './spend-book.ts';
import type { UsageStore } from './store.ts';
import { createUsageLog, type Notes, reasonOf, type UsageLog } from './usage-log.ts';
import { createUsageWriter, type UsageWriter } from './writer.ts';

// The composition root gives it to the database, and imports each room once.
export { USAGE_ROOM } from './usage-room.ts';

/** A database that hangs does not keep the gateway from stopping; it has a second to close after this. */
const LONGEST_CLOSE_MS = 4000;

const TROUBLE = {
  read: 'what was spent cannot be read',
  tidied: 'what was spent in past windows cannot be removed',
} as const;

/** What calls cost and would cost, the log of it, and the sums that budgets go by. */
export interface Accounting {
  /** Puts an ended call on record, and into the sums; takes microseconds and never throws. */
  callEnded(call: Call): void;
  /** USD, by the prices of that moment; null when they are not known. */
  readonly priceOf: typeof estimatedPrice;
  /** What an attempt cost in USD; null when it is not known. */
  costOf(attempt: Attempt): number | null;
  /** What an ended call comes to. */
  readonly toRecord: (call: Call) => UsageRecord;
  /** Null when it is switched off. */
  readonly log: UsageLog | null;
  /** Kept also where the log is off. */
  readonly spend: SpendBook;
  /** The usage log, and where it is off what is remembered. */
  readonly endedCalls: Pick<UsageLog, 'ended'>;
  /** Records that could not be written. */
  lostRecords(): number;
  /** Writes what is left. */
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
  readonly governance: Pick<
    Governance,
    'ledger' | 'settlementOf' | 'spendRows' | 'windowsAt' | 'windowKeysAt' | 'windowKeysBefore'
  >;
}

/** Accounting over this store: the log is written, and cleared of what has expired, from now on. */
export function createAccounting(
  store: UsageStore,
  config: UsageConfig,
  { remembered, ...context }: AccountingContext,
): Accounting {
  const { notes, database, now, newId, governance } = context;
  const isLogged = config.store !== 'none';
  const toRecord = createRecorder();
  const writer = createUsageWriter({
    async append(entries, batch) {
      const rows = governance.spendRows(entries.flatMap(({ booking }) => booking ?? []));
      await store.append(
        entries.flatMap(({ record }) => record ?? []),
        batch,
        rows,
      );
      if (rows.length > 0) spend.tidy();
    },
    now,
    newId,
    failed: (trouble) => notes.error({ database, ...trouble }, 'usage records cannot be written; calls go on'),
    recovered: () => notes.info({ database, lost: writer.lost }, 'usage records are written again'),
  });
  const spend = createSpendBook(store, writer, {
    ...governance,
    now,
    newId,
    isLogged,
    failed: (what, error) => notes.warn({ database, reason: reasonOf(error) }, TROUBLE[what]),
  });
  const log = isLogged ? createUsageLog(store, writer, config, context) : null;
  const costOf = (attempt: Attempt): number | null => attemptCost(attempt).usd;
  const toUnreserved = createUnreserved(governance, costOf);
  /** Whatever a call has cost counts, also where nothing limits it: a limit may be set later. */
  const bookingOf = (call: Call): Booking | null => {
    if (call.booking !== null || call.attempts.length === 0 || !spend.counts(call.key)) return call.booking;
    const booking = toUnreserved(call);
    spend.bookUnreserved(booking);
    return booking;
  };
  return {
    callEnded(call) {
      const booking = bookingOf(call);
      if (isLogged) writer.add({ record: toRecord(call), booking });
      else if (booking !== null) writer.add({ record: null, booking });
    },
    priceOf: estimatedPrice,
    costOf,
    toRecord,
    log,
    spend,
    endedCalls: log ?? createRememberedCalls(remembered),
    lostRecords: () => writer.lost,
    async close() {
      log?.close();
      await closeInTime(writer);
    },
  };
}

/** What calls without a reservation come to, in the scopes of their keys and the windows of their beginning. */
function createUnreserved(
  { settlementOf, windowsAt }: AccountingContext['governance'],
  costOf: (attempt: Attempt) => number | null,
): (call: Call) => Booking {
  /** A key has the same list for all its calls. */
  const known = new WeakMap<object, readonly Scope[]>();
  const scopesOf = ({ scopes }: Call['key']): readonly Scope[] => {
    const before = known.get(scopes);
    if (before !== undefined) return before;
    const made = scopes.map(({ id, role }) => ({ id, role, model: null }));
    known.set(scopes, made);
    return made;
  };
  return ({ key, attempts, receivedAt }) => {
    const { nano, tokens } = settlementOf(attempts, costOf);
    return { scopes: scopesOf(key), windows: windowsAt(receivedAt), nano, tokens };
  };
}

async function closeInTime(writer: UsageWriter): Promise<void> {
  const deadline = Promise.withResolvers<void>();
  const timeout = setTimeout(deadline.resolve, LONGEST_CLOSE_MS);
  await Promise.race([writer.close(), deadline.promise]);
  clearTimeout(timeout);
}
