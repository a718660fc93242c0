import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parseJson } from '../protocol/json.ts';
import type { AttemptRecord } from './attempts.ts';
import { makePrivate } from './private-file.ts';
import type { UsageRecord } from './record.ts';
import {
  ATTEMPT_COLUMNS,
  ATTEMPTS_OF,
  COLUMNS,
  DELETE_BEFORE,
  DELETE_OLDEST,
  endedQuery,
  INSERT,
  INSERT_ATTEMPT,
  MIGRATIONS,
  pageQuery,
  type Query,
  sumsQuery,
} from './statements.ts';
import type { UsageGroup, UsagePage, UsageStore, UsageSums } from './store.ts';

/** Another process that writes is waited for so long; then the records are tried again later. */
const BUSY_MS = 250;
/** The write-ahead log gives back what it has beyond this. */
const MAX_LOG_BYTES = 16 * 1024 ** 2;
/** Freed pages are given back to the disk in small steps. */
const FREED_PAGES = 200;

interface SqliteOptions {
  /** For looking only: the file has to exist, and nothing is changed. */
  readonly isReadOnly?: boolean;
}

interface UsageConnection {
  readonly db: DatabaseSync;
  /** The file that was opened; another one may have its name by now. */
  readonly file: number;
}

/**
 * Usage records in an SQLite file. It is opened at the first use, and anew after an error or when the file was taken
 * away. Works in the thread that calls it.
 */
export function createSqliteStore(path: string, { isReadOnly = false }: SqliteOptions = {}): UsageStore {
  let open: UsageConnection | null = null;

  const close = (): void => {
    const { db } = open ?? {};
    open = null;
    db?.close();
  };
  const connect = (): UsageConnection => {
    if (open !== null && open.file !== fileOf(path)) close();
    open ??= isReadOnly ? openForReading(path) : openForWriting(path);
    return open;
  };
  const use = async <T>(work: (connection: UsageConnection) => T): Promise<T> => {
    try {
      return work(connect());
    } catch (error) {
      if (!isBusy(error)) close();
      throw error;
    }
  };

  return {
    append: (records) => use(({ db }) => append(db, records)),
    page: (filter, limit, after) => use(({ db }) => toPage(all(db, pageQuery(filter, limit + 1, after)), limit)),
    ended: (filter, limit, after) =>
      use(({ db }) => {
        const rows = all(db, endedQuery(filter, limit + 1, after));
        const { records, next } = toPage(rows, limit);
        return { records: records.map((record, at) => withTries(db, record, Number(rows[at]?.['seq']))), next };
      }),
    sums: (filter, groups, limit) =>
      use(({ db }) => all(db, sumsQuery(filter, groups, limit)).map((row) => toSums(row, groups))),
    prune: ({ before, maxBytes }, steps) =>
      use(({ db }) => {
        const expired = Number(db.prepare(DELETE_BEFORE).run(before, steps).changes);
        const removed =
          expired > 0 || sizeOf(db) <= maxBytes ? expired : Number(db.prepare(DELETE_OLDEST).run(steps).changes);
        db.exec(`PRAGMA incremental_vacuum(${FREED_PAGES})`);
        return removed;
      }),
    close: async () => close(),
  };
}

function openForReading(path: string): UsageConnection {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  try {
    checkVersion(versionOf(db), path);
    return { db, file: fileOf(path) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function openForWriting(path: string): UsageConnection {
  makePrivate(path);
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    // Has to come before the first table.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    db.exec('PRAGMA journal_mode = WAL');
    // After a loss of power the last batches may be missing, but the file is whole; a killed process loses nothing.
    db.exec('PRAGMA synchronous = NORMAL');
    db.exec(`PRAGMA journal_size_limit = ${MAX_LOG_BYTES}`);
    migrate(db, path);
    return { db, file: fileOf(path) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync, path: string): void {
  inTransaction(db, () => {
    const version = versionOf(db);
    checkVersion(version, path);
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    if (version < MIGRATIONS.length) db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

function checkVersion(version: number, path: string): void {
  if (version <= MIGRATIONS.length) return;
  throw new Error(
    `${path} was written by a later version of Sluice (format ${version}, this one knows ${MIGRATIONS.length}). ` +
      'Update, or set another usage.path.',
  );
}

function append(db: DatabaseSync, records: readonly UsageRecord[]): void {
  inTransaction(db, () => {
    const insert = db.prepare(INSERT);
    let insertAttempt: StatementSync | null = null;
    for (const record of records) {
      const { lastInsertRowid: seq } = insert.run(...COLUMNS.map((column) => toValue(record[column])));
      if (record.tries === undefined) continue;
      insertAttempt ??= db.prepare(INSERT_ATTEMPT);
      for (const attempt of record.tries) insertAttempt.run(seq, ...ATTEMPT_COLUMNS.map((column) => attempt[column]));
    }
  });
}

/** Pairs are kept as JSON. */
function toValue(value: SQLInputValue | UsageRecord['metadata']): SQLInputValue {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) ? JSON.stringify(value) : value;
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    // A full disk has rolled back by itself.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function all(db: DatabaseSync, { sql, values }: Query): Record<string, unknown>[] {
  return db.prepare(sql).all(...values);
}

function toPage(rows: readonly Record<string, unknown>[], limit: number): UsagePage {
  const shown = rows.slice(0, limit);
  const records = shown.map((row) => ({
    ...Object.fromEntries(COLUMNS.map((column) => [column, row[column]])),
    metadata: toMetadata(row['metadata']),
  }));
  const { seq, created } = shown.at(-1) ?? {};
  return {
    // The table has the very columns, and only `append` writes it.
    records: records as unknown as UsageRecord[],
    next: rows.length > limit ? { created: Number(created), seq: Number(seq) } : null,
  };
}

/** Of a call that went well at once none are kept: nothing is looked up. */
function withTries(db: DatabaseSync, record: UsageRecord, seq: number): UsageRecord {
  if (record.attempts < 2 && record.error_code === null) return record;
  const tries = all(db, { sql: ATTEMPTS_OF, values: [seq] }) as unknown as AttemptRecord[];
  return tries.length === 0 ? record : { ...record, tries };
}

function toMetadata(text: unknown): unknown {
  return typeof text === 'string' ? (parseJson(text) ?? null) : null;
}

function toSums(row: Record<string, unknown>, groups: readonly UsageGroup[]): UsageSums {
  const group = Object.fromEntries(groups.map((name) => [name, row[`by_${name}`]]));
  const sums = Object.entries(row).filter(([name]) => !name.startsWith('by_'));
  return { group, ...Object.fromEntries(sums) } as unknown as UsageSums;
}

/** Bytes in use, without the pages that were freed. */
function sizeOf(db: DatabaseSync): number {
  const pragma = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
}

/** Which file has this name; 0 when there is none. SQLite would go on writing into a file that was deleted. */
function fileOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

/** SQLITE_BUSY and its finer kinds: the connection is in order, somebody else writes. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;
}
