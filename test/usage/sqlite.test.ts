import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSqliteStore } from '../../src/usage/sqlite.ts';
import { COLUMNS, INSERT, MIGRATIONS } from '../../src/usage/statements.ts';
import type { UsageStore } from '../../src/usage/store.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { ALL, buildRecord, buildRecords, NOON } from '../support/usage-records.ts';

function open(path: string, isReadOnly = false): UsageStore {
  const store = createSqliteStore(path, { isReadOnly });
  onTestFinished(() => store.close());
  return store;
}

/** The same file from elsewhere, as another process would have it. */
function connect(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return db;
}

describe('the SQLite file of the usage log', () => {
  it('has a write-ahead log (WAL) and a version', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    await open(path).append([buildRecord()]);
    const db = connect(path);
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length });
  });

  it('may be locked: the batch is refused as a whole, and goes through afterwards', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = open(path);
    await store.append([]);
    const other = connect(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.append(buildRecords(3))).rejects.toThrow('database is locked');
    other.exec('ROLLBACK');
    await store.append(buildRecords(3));
    expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 3 }]);
  });

  it('may be deleted: a new one takes its place', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = open(path);
    await store.append([buildRecord({ id: 'gone' })]);
    for (const end of ['', '-wal', '-shm']) rmSync(path + end);
    await store.append([buildRecord({ id: 'kept' })]);
    const records = connect(path).prepare('SELECT id FROM calls').all();
    expect(records).toEqual([{ id: 'kept' }]);
  });

  it.skipIf(process.getuid?.() === 0)('may be read-only', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = open(path);
    await store.append([buildRecord()]);
    await store.close();
    chmodSync(path, 0o444);
    await expect(open(path).append([buildRecord()])).rejects.toThrow(/readonly database/);
  });

  it('may be no SQLite file: it is left unchanged', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    writeFileSync(path, 'a letter to my aunt, and more than a hundred bytes of it'.repeat(9));
    await expect(open(path).append([buildRecord()])).rejects.toThrow('file is not a database');
    expect(readFileSync(path, 'utf8')).toContain('my aunt');
  });

  it('of the first version is migrated: what it holds was chat', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const [first = ''] = MIGRATIONS;
    const db = connect(path);
    db.exec(`${first} PRAGMA user_version = 1`);
    const old = COLUMNS.slice(0, COLUMNS.indexOf('path'));
    const insert = INSERT.replace(COLUMNS.join(', '), old.join(', ')).replace(
      ', ?'.repeat(COLUMNS.length - old.length),
      '',
    );
    db.prepare(insert).run(...old.map((column) => buildRecord({ id: 'old' })[column] as SQLInputValue));
    const store = open(path);
    await store.append([buildRecord({ id: 'new', path: '/v1/files', request_bytes: 5, response_bytes: 6 })]);
    const { records } = await store.page(ALL, 10, null);
    expect(records).toEqual([
      buildRecord({ id: 'new', path: '/v1/files', request_bytes: 5, response_bytes: 6 }),
      buildRecord({ id: 'old', requested_model: null }),
    ]);
  });

  it('of a later version is not touched', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    connect(path).exec('PRAGMA user_version = 99');
    await expect(open(path).append([buildRecord()])).rejects.toThrow(
      /written by a later version of Sluice \(format 99/,
    );
    expect(connect(path).prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 });
  });
});

describe('the migration of an SQLite file of an earlier version', () => {
  it('adds what is new at the first use, and keeps the records', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const old = connect(path);
    old.exec(`${MIGRATIONS[0]}; PRAGMA user_version = 1`);
    const needed = 'id, created, key, model, outcome, status, attempts, wasted_tokens';
    old.exec(`INSERT INTO calls (${needed}) VALUES ('old', 1, 'team-a', 'luna', 'completed', 200, 1, 0)`);
    const store = open(path);
    await store.append([buildRecord({ id: 'new' })]);
    expect((await store.page(ALL, 9, null)).records.map(({ id }) => id)).toEqual(['new', 'old']);
    expect(old.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length });
    const indexes = old.prepare("SELECT name FROM sqlite_schema WHERE type = 'index'").all();
    expect(indexes).toContainEqual({ name: 'calls_key_created' });
  });
});

describe('attempts in SQLite', () => {
  const TRY = {
    number: 1,
    model: 'luna',
    provider: 'openai',
    started_ms: NOON * 1000,
    rescue: 'continued' as const,
    ttft_ms: null,
    duration_ms: 12.5,
    kind: 'server',
    status: 500,
    message: 'It failed.',
  };

  it('are stored for calls that have some, and are deleted with them', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = open(path);
    const failed = buildRecord({ id: 'failed', created: NOON - 10, tries: [TRY, { ...TRY, number: 2, kind: null }] });
    await store.append([failed, buildRecord({ id: 'plain' }), buildRecord({ id: 'later', tries: [TRY] })]);
    const db = connect(path);
    const kept = () => db.prepare('SELECT call_seq, number, kind FROM attempts').all();
    expect(kept()).toEqual([
      { call_seq: 1, number: 1, kind: 'server' },
      { call_seq: 1, number: 2, kind: null },
      { call_seq: 3, number: 1, kind: 'server' },
    ]);
    expect(await store.prune({ before: NOON, maxBytes: 10 ** 9 }, 100)).toBe(1);
    expect(kept()).toEqual([{ call_seq: 3, number: 1, kind: 'server' }]);
    expect(await store.prune({ before: 0, maxBytes: 0 }, 100)).toBe(2);
    expect(kept()).toEqual([]);
  });

  it('are no part of a record that is read', async () => {
    const store = open(join(temporaryFolder(), 'usage.db'));
    await store.append([buildRecord({ tries: [TRY], user: 'ann', metadata: { team: 'search' } })]);
    const { records } = await store.page(ALL, 9, null);
    expect(records).toEqual([buildRecord({ user: 'ann', metadata: { team: 'search' } })]);
  });
});

describe('a read-only SQLite store', () => {
  it('sees what another store is writing, and cannot write itself', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const writing = open(path);
    await writing.append([buildRecord()]);
    const reading = open(path, true);
    expect(await reading.sums(ALL, [], 1)).toMatchObject([{ calls: 1 }]);
    await writing.append([buildRecord()]);
    expect(await reading.sums(ALL, [], 1)).toMatchObject([{ calls: 2 }]);
    await expect(reading.append([buildRecord()])).rejects.toThrow(/readonly database/);
  });
});
