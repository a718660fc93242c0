import type { SqliteConnection } from '../database/sqlite-connection.ts';
import type { SpendRow } from '../limits/spend.ts';
import type { AttemptRecord } from './attempts.ts';
import {
  ATTEMPT_COLUMNS,
  COLUMNS,
  mayHaveTries,
  quoted,
  toPage,
  toSums,
  type UsageRow,
  valuesOfRecord,
} from './columns.ts';
import { endedQuery, pageQuery, type Query, sumsQuery, type UsageDialect } from './queries.ts';
import type { UsageRecord } from './record.ts';
import type { EndedFilter, KeptSpend, UsageFilter, UsageGroup, UsagePage, UsagePlace, UsageSums } from './store.ts';

/** Freed pages are given back to the disk in small steps. */
const FREED_PAGES = 200;
/** A batch is tried again for less than this. */
const BATCHES_KEPT_SECONDS = 2 * 86_400;

/** Usage records in an SQLite file, in the thread that it is called in. */
export class SqliteUsageStore {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /** @param text the records as JSON, which takes two thirds of the time that cloning takes on both sides */
  append(text: string, batch: string, spend: readonly SpendRow[]): void {
    const records = JSON.parse(text) as readonly UsageRecord[];
    if (records.length === 0 && spend.length === 0) return;
    this.#connection.transaction(() => {
      if (this.#connection.prepare(INSERT_BATCH).run(batch).changes === 0) return;
      for (const record of records) this.#insert(record);
      const add = this.#connection.prepare(ADD_SPEND);
      for (const { scope, win, nano, calls, tokens } of spend) add.run(scope, win, nano, calls, tokens);
    });
  }

  spent(scopes: readonly string[], windows: readonly string[], batch: string | null): KeptSpend {
    const find = this.#connection.prepare(SPEND_OF);
    const rows = scopes.flatMap((scope) => windows.map((win) => find.get(scope, win)));
    const hasBatch = batch !== null && this.#connection.prepare(FIND_BATCH).get(batch) !== undefined;
    return { rows: rows.filter((row) => row !== undefined) as unknown as SpendRow[], hasBatch };
  }

  forgetSpend(before: readonly string[]): void {
    for (const win of before) this.#connection.prepare(DELETE_SPEND).run(win.charAt(0), win);
  }

  page(filter: UsageFilter, limit: number, after: UsagePlace | null): UsagePage {
    return toPage(this.#all(pageQuery(filter, limit + 1, after)), limit);
  }

  ended(filter: EndedFilter, limit: number, after: UsagePlace | null): UsagePage {
    const rows = this.#all(endedQuery(filter, limit + 1, after));
    const { records, next } = toPage(rows, limit);
    return { records: records.map((record, at) => this.#withTries(record, Number(rows[at]?.['seq']))), next };
  }

  sums(filter: UsageFilter, groups: readonly UsageGroup[], limit: number, aheadSeconds?: number): readonly UsageSums[] {
    return this.#all(sumsQuery(SQLITE_DIALECT, filter, groups, limit, aheadSeconds)).map((row) => toSums(row, groups));
  }

  /** Bytes of the whole file, without the pages that were freed. */
  fileBytes(): number {
    const { db } = this.#connection;
    const pragma = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
  }

  /**
   * How many records are beyond so many bytes. Other rooms have their tables in the same file: they do not count. Looks at
   * every page.
   */
  excess(maxBytes: number): number {
    const { bytes, records } = this.#connection.db.prepare(SIZE).get() as { bytes: number; records: number };
    return Math.ceil(records * Math.max(0, 1 - maxBytes / bytes));
  }

  removeBefore(second: number, steps: number): number {
    this.#connection.prepare(DELETE_BATCHES).run();
    return this.#remove(DELETE_BEFORE, second, steps);
  }

  removeOldest(steps: number): number {
    return this.#remove(DELETE_OLDEST, steps);
  }

  #insert(record: UsageRecord): void {
    const { lastInsertRowid: seq } = this.#connection.prepare(INSERT).run(...valuesOfRecord(record));
    for (const attempt of record.tries ?? []) {
      this.#connection.prepare(INSERT_ATTEMPT).run(seq, ...ATTEMPT_COLUMNS.map((column) => attempt[column]));
    }
  }

  #withTries(record: UsageRecord, seq: number): UsageRecord {
    if (!mayHaveTries(record)) return record;
    const tries = this.#all({ sql: ATTEMPTS_OF, values: [seq] }) as unknown as AttemptRecord[];
    return tries.length === 0 ? record : { ...record, tries };
  }

  #remove(sql: string, ...values: readonly number[]): number {
    const removed = Number(this.#connection.prepare(sql).run(...values).changes);
    this.#connection.db.exec(`PRAGMA incremental_vacuum(${FREED_PAGES})`);
    return removed;
  }

  #all({ sql, values }: Query): UsageRow[] {
    return this.#connection.db.prepare(sql).all(...values);
  }
}

/** As the thread asks for it. */
export function createStore(connection: SqliteConnection): SqliteUsageStore {
  return new SqliteUsageStore(connection);
}

/** Exported for tests, which look at how SQLite goes about what is asked in these words. */
export const SQLITE_DIALECT: UsageDialect = {
  groups: (at) => ({
    hour: `strftime('%Y-%m-%dT%H:00', ${at}, 'unixepoch')`,
    day: `date(${at}, 'unixepoch')`,
    month: `strftime('%Y-%m', ${at}, 'unixepoch')`,
    // The plus keeps SQLite from taking the index of the keys for the order of the groups: each record would then be
    // fetched by itself, in twice the time that reading all of them takes.
    key: '+key',
    key_hash: '+key_hash',
    org: '+org',
    model: 'model',
    provider: 'provider',
    outcome: 'outcome',
  }),
  total: (column) => `total(${column})`,
  // Its sum of fractions keeps what is lost in each step, and is off by less than a nano-dollar.
  money: (column) => `round(sum(${column}), 9)`,
};

/** The attempts of one call, in their order. */
export const ATTEMPTS_OF = `SELECT ${quoted(ATTEMPT_COLUMNS)} FROM attempts WHERE call_seq = ? ORDER BY number`;
/** Removes at most as many records as the second parameter says from before the second that the first one says. */
export const DELETE_BEFORE =
  'DELETE FROM calls WHERE seq IN (SELECT seq FROM calls WHERE created < ? ORDER BY created LIMIT ?)';
const DELETE_OLDEST = 'DELETE FROM calls WHERE seq IN (SELECT seq FROM calls ORDER BY seq LIMIT ?)';
const DELETE_BATCHES = `DELETE FROM batches WHERE at < unixepoch() - ${BATCHES_KEPT_SECONDS}`;
const INSERT_BATCH = 'INSERT INTO batches (id, at) VALUES (?, unixepoch()) ON CONFLICT DO NOTHING';
const INSERT = `INSERT INTO calls (${quoted(COLUMNS)}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;
const INSERT_ATTEMPT = `INSERT INTO attempts (call_seq, ${quoted(ATTEMPT_COLUMNS)}) VALUES (?, ${ATTEMPT_COLUMNS.map(() => '?').join(', ')})`;
const FIND_BATCH = 'SELECT id FROM batches WHERE id = ?';
const ADD_SPEND = `INSERT INTO spend (scope, win, nano, calls, tokens) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (scope, win) DO UPDATE
  SET nano = nano + excluded.nano, calls = calls + excluded.calls, tokens = tokens + excluded.tokens`;
const SPEND_OF = 'SELECT scope, win, nano, calls, tokens FROM spend WHERE scope = ? AND win = ?';
/** Of one kind of windows; the first parameter is its letter. */
const DELETE_SPEND = 'DELETE FROM spend WHERE win > ? AND win < ?';
const SIZE = `SELECT (SELECT count(*) FROM calls) AS records,
  (SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE
    AND name IN (SELECT name FROM sqlite_schema WHERE tbl_name IN ('calls', 'attempts', 'batches'))) AS bytes`;
