import { statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { MADE_STEPS, type MadeStep, MIGRATIONS_TABLE, missingSteps, type RoomSteps } from './migrations.ts';
import { makePrivate } from './private-file.ts';

/** Another process that writes is waited for so long; then the caller tries again later. */
const BUSY_MS = 250;
/** The write-ahead log gives back what it has beyond this. */
const MAX_LOG_BYTES = 16 * 1024 ** 2;
/**
 * Pages of 4 KB in the log before it is put into the file: 12 MB. With SQLite's 1,000 one commit in a hundred waits for it,
 * and the p99 of a stored turn is 8 ms instead of 2 (measured).
 */
const LOG_PAGES = 3000;
/** Files from before there were rooms have the steps of this one in `user_version`. */
const FIRST_ROOM = 'usage';
/** What `user_version` says since: earlier versions of Sluice then leave the file alone. */
const FORMAT = 1000;

/** An open SQLite file, as the stores in its thread use it. */
export class SqliteConnection {
  readonly db: DatabaseSync;
  /** The file that was opened; another one may have its name by now. */
  readonly file: number;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, file: number) {
    this.db = db;
    this.file = file;
  }

  /** The statement, prepared at its first use: for texts of which there are few. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** All of it or nothing. The right to write is taken at the beginning, so nothing that was read can have changed. */
  transaction<T>(work: () => T): T {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk has rolled back by itself.
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Opens a file and brings its tables up to date; for reading only it has to be there, and nothing is changed. */
export function connectSqlite(path: string, rooms: readonly RoomSteps[], isReadOnly: boolean): SqliteConnection {
  if (!isReadOnly) makePrivate(path);
  const db = new DatabaseSync(path, { readOnly: isReadOnly, timeout: BUSY_MS });
  try {
    const connection = new SqliteConnection(db, fileOf(path));
    if (isReadOnly) missingSteps(path, rooms, madeSteps(db));
    else prepareForWriting(connection, path, rooms);
    return connection;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Which file has this name; 0 when there is none. SQLite would go on writing into a file that was deleted. */
export function fileOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

/** SQLITE_BUSY and its finer kinds: the connection is in order, another one writes. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;
}

function prepareForWriting(connection: SqliteConnection, path: string, rooms: readonly RoomSteps[]): void {
  const { db } = connection;
  // Has to come before the first table.
  db.exec('PRAGMA auto_vacuum = INCREMENTAL');
  db.exec('PRAGMA journal_mode = WAL');
  // After a loss of power the last transactions may be missing, but the file is whole; a killed process loses nothing.
  db.exec('PRAGMA synchronous = NORMAL');
  db.exec(`PRAGMA journal_size_limit = ${MAX_LOG_BYTES}`);
  db.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
  connection.transaction(() => migrate(db, path, rooms));
}

function migrate(db: DatabaseSync, path: string, rooms: readonly RoomSteps[]): void {
  const made = madeSteps(db);
  const missing = missingSteps(path, rooms, made);
  if (!hasMigrations(db)) {
    db.exec(MIGRATIONS_TABLE);
    for (const step of made) putDown(db, step);
    db.exec(`PRAGMA user_version = ${FORMAT}`);
  }
  for (const step of missing) {
    db.exec(step.sql);
    putDown(db, step);
  }
}

function putDown(db: DatabaseSync, { room, step }: MadeStep): void {
  db.prepare('INSERT INTO sluice_migrations (room, step, at) VALUES (?, ?, unixepoch())').run(room, step);
}

function madeSteps(db: DatabaseSync): readonly MadeStep[] {
  if (hasMigrations(db)) return db.prepare(MADE_STEPS).all() as unknown as MadeStep[];
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  return Array.from({ length: version }, (_, index) => ({ room: FIRST_ROOM, step: index + 1 }));
}

function hasMigrations(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sluice_migrations'").get() !== undefined;
}
