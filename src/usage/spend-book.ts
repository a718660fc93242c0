import type { Key } from '../access/keys.ts';
import type { Governance } from '../limits/governance.ts';
import type { ScopeReading, ScopeTerms } from '../limits/ledger.ts';
import type { Booking, SpendRow } from '../limits/spend.ts';
import type { WindowName } from '../limits/windows.ts';
import type { KeptSpend, UsageStore } from './store.ts';
import type { UsageWriter } from './writer.ts';

/** What the ledger is to know of a scope: its limits, and of which version of its row they are. */
export interface KnownScope extends Pick<ScopeTerms, 'version' | 'limits'> {
  readonly id: string;
}

/** What a scope has spent in the current windows, and what its calls in flight have set aside, in nano-USD. */
export interface ScopeSpend {
  readonly spentNano: Readonly<Record<WindowName, number>>;
  readonly heldNano: number;
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
   */
  seed(scopes: readonly KnownScope[]): Promise<void>;
  /** How much, in the order of the ids. Rejects where the database cannot be read, and has to be. */
  read(scopes: readonly string[]): Promise<readonly ScopeSpend[]>;
  /**
   * From now on nothing is spent in this window: that is booked to the database, then to the ledger. The log stays as it
   * is, and so do the other windows. Resolves to what was taken back, in nano-USD.
   */
  reset(scope: string, window: WindowName): Promise<number>;
  /** Whether it is counted what this key spends. */
  counts(key: Key): boolean;
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

  const makeKnown = async (scopes: readonly KnownScope[]): Promise<void> => {
    const kept = await ask(scopes.map(({ id }) => id));
    const spent = Map.groupBy(withWaiting(kept), ({ scope }) => scope);
    // All at once: what ends from here on is booked by the ledger. What it knows by now has no need of the sums.
    await Promise.all(scopes.map(({ id, ...terms }) => ledger.change(id, { ...terms, spent: spent.get(id) ?? [] })));
  };
  const makeKnownSoon = (scopes: readonly KnownScope[]): Promise<void> => {
    if (failure !== null && now() - failure.at < PAUSE_MS) return Promise.reject(failure.error);
    next ??= startRound();
    for (const scope of scopes) next.scopes.set(scope.id, scope);
    return next.done;
  };
  const startRound = (): Round => {
    const scopes = new Map<string, KnownScope>();
    const done = writer.alone(async () => {
      next = null;
      try {
        await makeKnown([...scopes.values()]);
      } catch (error) {
        failure = { error, at: now() };
        throw error;
      }
    });
    return { scopes, done };
  };
  const readAlone = async (scopes: readonly string[]): Promise<readonly ScopeSpend[]> => {
    const unknown = (await ledger.read(scopes)).flatMap((reading, at) => (reading === null ? (scopes[at] ?? []) : []));
    const keys = windowKeysAt(now());
    const rows = unknown.length === 0 ? [] : withWaiting(await ask(unknown));
    const spent = Map.groupBy(rows, ({ scope }) => scope);
    const readings = await ledger.read(scopes);
    return readings.map((reading, at) =>
      reading === null ? toScopeSpend(spent.get(scopes[at] ?? '') ?? [], keys) : toKnownSpend(reading),
    );
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
    async seed(scopes) {
      const readings = await ledger.read(scopes.map(({ id }) => id));
      const unknown = scopes.filter((_, at) => readings[at] === null);
      const known = scopes.filter((_, at) => readings[at] !== null);
      await Promise.all(known.map(({ id, ...terms }) => ledger.change(id, terms)));
      if (unknown.length > 0) await makeKnownSoon(unknown);
    },
    async read(scopes) {
      const readings = await ledger.read(scopes);
      const known = readings.filter((reading) => reading !== null);
      return known.length === scopes.length ? known.map(toKnownSpend) : writer.alone(() => readAlone(scopes));
    },
    reset: (scope, window) => writer.alone(() => resetAlone(scope, window)),
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

function toKnownSpend({ windows, heldNano }: ScopeReading): ScopeSpend {
  const spent = Object.entries(windows).map(([name, { spentNano }]) => [name, spentNano]);
  return { spentNano: Object.fromEntries(spent) as ScopeSpend['spentNano'], heldNano };
}

/** Nothing is held in what the ledger does not know. */
function toScopeSpend(rows: readonly SpendRow[], keys: Readonly<Record<WindowName, string>>): ScopeSpend {
  const spent = Object.entries(keys).map(([name, key]) => {
    const ofWindow = rows.filter(({ win }) => win === key);
    return [name, ofWindow.reduce((sum, { nano }) => sum + nano, 0)];
  });
  return { spentNano: Object.fromEntries(spent) as ScopeSpend['spentNano'], heldNano: 0 };
}
