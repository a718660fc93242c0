import type { Key } from '../access/keys.ts';
import type { Governance } from '../limits/governance.ts';
import type { ScopeReading, ScopeTerms } from '../limits/ledger.ts';
import type { Booking, SpendRow } from '../limits/spend.ts';
import type { WindowName } from '../limits/windows.ts';
import { missingRows, type ScopeSpend, toKnownSpend, toScopeSpend } from './scope-spend.ts';
import type { KeptSpend, UsageStore } from './store.ts';
import type { UsageWriter } from './writer.ts';

/** What the ledger is to know of a scope: its limits, and of which version of its row they are. */
export interface KnownScope extends Pick<ScopeTerms, 'version' | 'limits'> {
  readonly id: string;
}

/**
 * What was spent, by the ledger for what it knows and by the database for the rest. The database has a sum for each scope
 * and window, written in one transaction with the records of the calls; what is still to be written is never missed and
 * never counted twice.
 */
export interface SpendBook {
  /**
   * Makes scopes known to the ledger with all that they have spent so far; those that it knows take newer limits. Rejects
   * where the database cannot be read.
   * @param flush has all calls told to the writer that have ended
   */
  seed(scopes: readonly KnownScope[], flush: () => void): Promise<void>;
  /** How much, in the order of the ids. Rejects where the database cannot be read, and has to be. */
  read(scopes: readonly string[]): Promise<readonly ScopeSpend[]>;
  /**
   * From now on nothing is spent in this window: that is booked to the database, then to the ledger. The log stays as it
   * is, and so do the other windows. Resolves to what was taken back, in nano-USD.
   */
  reset(scope: string, window: WindowName): Promise<number>;
  /**
   * Where another process has booked something to these scopes: what the ledger knows of them is again what the database has,
   * and what is still to be written there.
   * @param flush has all calls told to the writer that have ended
   */
  renew(scopes: readonly string[], flush: () => void): Promise<void>;
  /** Has the ledger let go of what belongs to a key or an organisation that is deleted. */
  forget(scope: string): void;
  /** Whether it is counted what this key spends. */
  counts(key: Pick<Key, 'scopes' | 'isGoverned' | 'hash' | 'org'>): boolean;
  /** Tells the ledger, where it knows its scopes, of a call that had no reservation there. */
  bookUnreserved(booking: Booking): void;
  /** Once a day, sums of past windows go. */
  tidy(): void;
}

/** What a spend book needs of the world. */
export interface SpendBookContext
  extends Pick<Governance, 'ledger' | 'spendRows' | 'windowKeysAt' | 'windowKeysBefore'> {
  /** Milliseconds since the epoch. */
  now(): number;
  /** An id for a batch. */
  newId(): string;
  /** Whether the database has a log. */
  readonly isLogged: boolean;
  /** Is told what could not be done. */
  failed(what: 'read' | 'tidied', error: unknown): void;
}

/** A row that was to be booked, and may have been. */
interface Correction {
  readonly batch: string;
  readonly rows: readonly SpendRow[];
}

/** Scopes that are made known together. */
interface Round {
  readonly scopes: Map<string, KnownScope>;
  readonly done: Promise<void>;
}

/** A database that could not be read is asked again after this: until then all who wait would wait for it in vain. */
const PAUSE_MS = 1000;

/**
 * A call whose key was looked up before that was deleted makes it known anew when it is admitted, which is once its body is
 * there: Node gives a request five minutes to arrive. After these it is let go of once more.
 */
const LONGEST_ARRIVAL_MS = 6 * 60_000;

/** What was spent, over this store and what the writer has still to write. */
export function createSpendBook(
  store: Pick<UsageStore, 'append' | 'spent' | 'forgetSpend'>,
  writer: Pick<UsageWriter, 'alone' | 'bookings' | 'doubtful'>,
  { ledger, spendRows, windowKeysAt, windowKeysBefore, now, newId, isLogged, failed }: SpendBookContext,
): SpendBook {
  /** By window and scope. */
  const doubtful = new Map<string, Correction>();
  /** What the ledger may know by now. */
  const asked = new Set<string>();
  let next: Round | null = null;
  let failure: { readonly error: unknown; readonly at: number } | null = null;
  let tidiedOn = '';

  const ask = async (scopes: readonly string[]): Promise<KeptSpend> => {
    for (const scope of scopes) asked.add(scope);
    try {
      return await store.spent(scopes, Object.values(windowKeysAt(now())), writer.doubtful);
    } catch (error) {
      failed('read', error);
      throw error;
    }
  };
  /** All of it, as long as nothing is awaited after it. */
  const withWaiting = ({ rows, hasBatch }: KeptSpend): readonly SpendRow[] => [
    ...rows,
    ...spendRows(writer.bookings(hasBatch)),
  ];

  const makeKnown = async (scopes: readonly KnownScope[], flush: () => void): Promise<void> => {
    const kept = await ask(scopes.map(({ id }) => id));
    // Calls may have ended already, of scopes that had no budget and were let in without what they had spent.
    flush();
    const spent = Map.groupBy(withWaiting(kept), ({ scope }) => scope);
    // All at once: what ends from here on is booked by the ledger. What it knows by now has no need of the sums.
    await Promise.all(scopes.map(({ id, ...terms }) => ledger.change(id, { ...terms, spent: spent.get(id) ?? [] })));
  };
  const makeKnownSoon = (scopes: readonly KnownScope[], flush: () => void): Promise<void> => {
    if (failure !== null && now() - failure.at < PAUSE_MS) return Promise.reject(failure.error);
    next ??= startRound(flush);
    for (const scope of scopes) next.scopes.set(scope.id, scope);
    return next.done;
  };
  const startRound = (flush: () => void): Round => {
    const scopes = new Map<string, KnownScope>();
    const done = writer.alone(async () => {
      next = null;
      try {
        await makeKnown([...scopes.values()], flush);
      } catch (error) {
        failure = { error, at: now() };
        throw error;
      }
    });
    return { scopes, done };
  };
  const readAlone = async (scopes: readonly string[]): Promise<readonly ScopeSpend[]> => {
    const unknown = (await ledger.read(scopes)).flatMap((reading, at) => (reading?.isSeeded ? [] : (scopes[at] ?? [])));
    const keys = windowKeysAt(now());
    const rows = unknown.length === 0 ? [] : withWaiting(await ask(unknown));
    const spent = Map.groupBy(rows, ({ scope }) => scope);
    const readings = await ledger.read(scopes);
    return readings.map((reading, at) =>
      reading?.isSeeded
        ? toKnownSpend(reading)
        : { ...toScopeSpend(spent.get(scopes[at] ?? '') ?? [], keys), heldNano: reading?.heldNano ?? 0 },
    );
  };
  const renewAlone = async (scopes: readonly string[], flush: () => void): Promise<void> => {
    const kept = await ask(scopes);
    const keys = windowKeysAt(now());
    // Nothing is awaited from here to the reading of the ledger: a call that ends meanwhile would be in one of both alone.
    flush();
    const spent = Map.groupBy(withWaiting(kept), ({ scope }) => scope);
    const readings = await ledger.read(scopes);
    const rows = scopes.flatMap((scope, at) => {
      const reading = readings[at];
      return reading ? missingRows(scope, toKnownSpend(reading), toScopeSpend(spent.get(scope) ?? [], keys), keys) : [];
    });
    await ledger.book(rows);
  };
  const letGo = (scope: string): void => {
    asked.delete(scope);
    void ledger.forget(scope);
  };
  const correct = async (correction: Correction): Promise<void> => {
    await store.append([], correction.batch, correction.rows);
    await ledger.book(correction.rows);
  };
  const resetAlone = async (scope: string, window: WindowName): Promise<number> => {
    const win = windowKeysAt(now())[window];
    const name = `${win} ${scope}`;
    // Where the answer to a commit was lost the database has it, and has to be asked by the name of the batch.
    const failed = doubtful.get(name);
    if (failed !== undefined) await correct(failed);
    doubtful.delete(name);
    const [known] = await ledger.read([scope]);
    const [spent] = await readAlone([scope]);
    const nano = spent?.spentNano[window] ?? 0;
    if (nano === 0) return 0;
    const correction = { batch: newId(), rows: [{ scope, win, nano: -nano, calls: 0, tokens: 0 }] };
    // What the ledger does not know is read from the database the next time, correction and all.
    if (known !== null) doubtful.set(name, correction);
    await correct(correction);
    doubtful.delete(name);
    return nano;
  };

  return {
    async seed(scopes, flush) {
      const readings = await ledger.read(scopes.map(({ id }) => id));
      const unknown = scopes.filter((_, at) => !readings[at]?.isSeeded);
      const known = scopes.filter((_, at) => readings[at]?.isSeeded);
      await Promise.all(known.map(({ id, ...terms }) => ledger.change(id, terms)));
      if (unknown.length > 0) await makeKnownSoon(unknown, flush);
    },
    async read(scopes) {
      const readings = await ledger.read(scopes);
      const known = readings.filter((reading): reading is ScopeReading => reading?.isSeeded === true);
      return known.length === scopes.length ? known.map(toKnownSpend) : writer.alone(() => readAlone(scopes));
    },
    renew: (scopes, flush) => writer.alone(() => renewAlone(scopes, flush)),
    reset: (scope, window) => writer.alone(() => resetAlone(scope, window)),
    forget(scope) {
      letGo(scope);
      setTimeout(letGo, LONGEST_ARRIVAL_MS, scope).unref();
    },
    // Where nothing else is written, a key of the file that nothing limits is no reason to have a database.
    counts: ({ scopes, isGoverned, hash, org }) =>
      scopes.length > 0 && (isLogged || isGoverned || hash !== null || org !== null),
    bookUnreserved(booking) {
      if (booking.scopes.some(({ id }) => asked.has(id))) void ledger.book(spendRows([booking]));
    },
    tidy() {
      const at = now();
      const { day } = windowKeysAt(at);
      if (day === tidiedOn) return;
      tidiedOn = day;
      store.forgetSpend(windowKeysBefore(at)).catch((error: unknown) => failed('tidied', error));
    },
  };
}
