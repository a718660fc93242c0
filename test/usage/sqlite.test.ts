import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { COLUMNS, quoted } from '../../src/usage/columns.ts';
import { SQLITE_MIGRATIONS } from '../../src/usage/sqlite-tables.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { openSqliteFile } from '../support/sqlite-file.ts';
import { ALL, buildRecord, buildRecords } from '../support/usage-records.ts';
import { openUsage } from '../support/usage-stores.ts';

/** The same file from elsewhere, as another process would have it. */
function connect(path: string): DatabaseSync {
  const db = openSqliteFile(path);
  onTestFinished(() => db.close());
  return db;
}

describe('the SQLite file of the usage log', () => {
  it('has a write-ahead log (WAL) and a version', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    await (await openUsage(path)).append([buildRecord()]);
    const db = connect(path);
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1000 });
  });

  it('may be locked: the batch is refused as a whole, and goes through afterwards', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = await openUsage(path);
    await store.append([], '');
    const other = connect(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.append(buildRecords(3))).rejects.toThrow('database is locked');
    other.exec('ROLLBACK');
    await store.append(buildRecords(3));
    expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 3 }]);
  });

  it('may be deleted: a new one takes its place', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = await openUsage(path);
    await store.append([buildRecord({ id: 'gone' })]);
    for (const end of ['', '-wal', '-shm']) rmSync(path + end);
    await store.append([buildRecord({ id: 'kept' })]);
    const records = connect(path).prepare('SELECT id FROM calls').all();
    expect(records).toEqual([{ id: 'kept' }]);
  });

  it.skipIf(process.getuid?.() === 0)('may be read-only', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = await openUsage(path);
    await store.append([buildRecord()]);
    await store.close();
    chmodSync(path, 0o444);
    await expect((await openUsage(path)).append([buildRecord()])).rejects.toThrow(/readonly database/);
  });

  it('may be no SQLite file: it is left unchanged', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    writeFileSync(path, 'a letter to my aunt, and more than a hundred bytes of it'.repeat(9));
    await expect((await openUsage(path)).append([buildRecord()])).rejects.toThrow('file is not a database');
    expect(readFileSync(path, 'utf8')).toContain('my aunt');
  });

  it('of a later version is not touched', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    connect(path).exec('PRAGMA user_version = 99');
    await expect((await openUsage(path)).append([buildRecord()])).rejects.toThrow(
      /written by a later version of Sluice \(usage: step 99/,
    );
    expect(connect(path).prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 });
  });
});

/** Writes a file as the versions did that had the usage log alone: their number of steps, and what they had columns for. */
function writeOldFile(path: string, steps: number): DatabaseSync {
  const db = connect(path);
  for (const sql of SQLITE_MIGRATIONS.slice(0, steps)) db.exec(sql);
  db.exec(`PRAGMA user_version = ${steps}`);
  const had = new Set(
    db
      .prepare('PRAGMA table_info(calls)')
      .all()
      .map(({ name }) => name),
  );
  const columns = COLUMNS.filter((column) => had.has(column));
  const insert = db.prepare(`INSERT INTO calls (${quoted(columns)}) VALUES (${columns.map(() => '?').join(', ')})`);
  insert.run(...columns.map((column) => buildRecord({ id: 'old' })[column] as SQLInputValue));
  return db;
}

describe.each([1, 2, 3, 4, 5])('an SQLite file of an earlier version, with %i steps', (steps) => {
  it('is migrated at the first use, and keeps its records', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const old = writeOldFile(path, steps);
    const store = await openUsage(path);
    const fresh = buildRecord({ id: 'new', path: '/v1/files', request_bytes: 5, response_bytes: 6 });
    await store.append([fresh]);
    const { records } = await store.page(ALL, 10, null);
    expect(records).toEqual([fresh, buildRecord({ id: 'old', ...(steps < 5 ? { requested_model: null } : {}) })]);
    const made = old.prepare('SELECT room, step FROM sluice_migrations ORDER BY step').all();
    expect(made).toEqual(SQLITE_MIGRATIONS.map((_sql, index) => ({ room: 'usage', step: index + 1 })));
    const indexes = old.prepare("SELECT name FROM sqlite_schema WHERE type = 'index'").all();
    expect(indexes).toContainEqual({ name: 'calls_key_created' });
  });

  it('is summed up without being changed (sluice usage)', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const old = writeOldFile(path, steps);
    const store = await openUsage(path, { isReadOnly: true });
    expect(await store.sums(ALL, ['day', 'model'], 9)).toMatchObject([{ calls: 1, cost_usd: 0.01 }]);
    expect(old.prepare('PRAGMA user_version').get()).toEqual({ user_version: steps });
  });
});

describe('a read-only SQLite store', () => {
  it('sees what another store is writing, and cannot write itself', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const writing = await openUsage(path);
    await writing.append([buildRecord()]);
    const reading = await openUsage(path, { isReadOnly: true });
    expect(await reading.sums(ALL, [], 1)).toMatchObject([{ calls: 1 }]);
    await writing.append([buildRecord()]);
    expect(await reading.sums(ALL, [], 1)).toMatchObject([{ calls: 2 }]);
    await expect(reading.append([buildRecord()])).rejects.toThrow(/readonly database/);
  });
});

describe('the limit of an SQLite file (usage.max_size)', () => {
  it('does not count what else is in the file', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = await openUsage(path);
    await store.append(buildRecords(100));
    connect(path).exec('CREATE TABLE other (text TEXT); INSERT INTO other VALUES (hex(zeroblob(1000000)))');
    expect(await store.prune({ before: 0, maxBytes: 200_000 }, 100)).toBe(0);
    expect(await store.prune({ before: 0, maxBytes: 20_000 }, 100)).toBeGreaterThan(20);
    expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: expect.any(Number) }]);
  });
});
