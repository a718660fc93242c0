import { DatabaseSync } from 'node:sqlite';

/** Longer than any transaction: without it a file that another thread just writes to is refused at once. */
const BUSY_MS = 10_000;

/** A SQLite file from elsewhere, as another process would have it. */
export function openSqliteFile(path: string, isReadOnly = false): DatabaseSync {
  return new DatabaseSync(path, { readOnly: isReadOnly, timeout: BUSY_MS });
}
