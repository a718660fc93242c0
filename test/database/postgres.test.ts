import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type PostgresServer, startPostgres } from '../../lab/postgres-server.ts';
import { parseDatabaseUrl } from '../../src/config/database-url.ts';
import type { Database, DatabaseOptions } from '../../src/database/database.ts';
import { createDatabase } from '../../src/database/engines.ts';
import { NO_POSTGRES } from '../support/postgres.ts';
import { NOTES, type Notes } from '../support/rooms/notes.ts';

let server: PostgresServer;

async function open(
  options: DatabaseOptions = {},
  change: (url: URL) => void = () => undefined,
): Promise<Database<{ readonly notes: Notes }>> {
  const url = new URL(server.url);
  change(url);
  const config = parseDatabaseUrl(url.href);
  if (config === null) throw new Error(`${url.href} names no database.`);
  const database = await createDatabase(config, { notes: NOTES }, options);
  onTestFinished(() => database.close());
  return database;
}

/** What another program does at the server. */
async function run(sql: string): Promise<void> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** Locks the table until the end of the test at most. @returns unlocks it */
async function lockNotes(): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN; LOCK TABLE notes');
  return async () => void (await client.query('ROLLBACK'));
}

describe.skipIf(NO_POSTGRES)('a Postgres database', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  beforeEach(() => run('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));
  afterAll(() => server.remove());

  it('is found again after it was killed', async () => {
    const { notes } = (await open()).stores;
    await notes.add('a');
    await server.kill();
    await expect(notes.add('lost')).rejects.toThrow(/terminat|ECONN/i);
    await expect(notes.addAll(['lost', 'too'])).rejects.toThrow(/ECONNREFUSED/);
    await server.start();
    await notes.addAll(['b', 'c']);
    expect(await notes.all()).toEqual(['a', 'b', 'c']);
  });

  it('that hangs is not waited for longer than connectMs, and works when it goes on', async () => {
    const { notes } = (await open({ limits: { connectMs: 100 } })).stores;
    process.kill(server.pid, 'SIGSTOP');
    await expect(notes.add('a')).rejects.toThrow(/timeout/);
    process.kill(server.pid, 'SIGCONT');
    // It may still be slower than a tenth of a second.
    await expect.poll(() => notes.add('b').then(() => 'added', String)).toBe('added');
    expect(await notes.all()).toEqual(['b']);
  });

  it('whose statement hangs ends it at statementMs, and works when it goes on', async () => {
    const { notes } = (await open({ limits: { connections: 1, statementMs: 1500 } })).stores;
    await notes.add('a');
    const unlock = await lockNotes();
    // The server says so; where the machine stands still, the client may be first.
    await expect(notes.addAll(['late'])).rejects.toThrow(/due to statement timeout|read timeout/);
    await unlock();
    await notes.add('b');
    expect(await notes.all()).toEqual(['a', 'b']);
  });

  it('is made anew where its tables were taken away', async () => {
    const { notes } = (await open()).stores;
    await notes.add('a');
    await run('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await expect(notes.add('gone')).rejects.toThrow('relation "notes" does not exist');
    await notes.add('b');
    expect(await notes.all()).toEqual(['b']);
  });

  it('needs no right to make tables where they are there', async () => {
    await (await open()).stores.notes.add('a');
    await run(`DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
      GRANT USAGE ON SCHEMA public TO clerk; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO clerk`);
    const { notes } = (
      await open({}, (url) => {
        url.username = 'clerk';
      })
    ).stores;
    await notes.add('b');
    expect(await notes.all()).toEqual(['a', 'b']);
    await run('DROP OWNED BY clerk; DROP ROLE clerk');
  });

  it('waits for a free connection at most connectMs', async () => {
    const { notes } = (await open({ limits: { connections: 1, connectMs: 2500 } })).stores;
    await notes.add('a');
    const unlock = await lockNotes();
    const waiting = notes.addAll(['b']);
    await expect(notes.addAll(['c'])).rejects.toThrow(/timeout/);
    await unlock();
    await waiting;
    expect(await notes.all()).toEqual(['a', 'b']);
  });

  it('says which role or database is not there, and no password', async () => {
    const unknown = await open({}, (url) => {
      url.username = 'nobody';
      url.password = 'MARKED';
    });
    await expect(unknown.open()).rejects.toThrow(/role "nobody" does not exist/);
    const { notes } = (
      await open({}, (url) => {
        url.pathname = '/MARKED';
        url.password = 'MARKED';
      })
    ).stores;
    await expect(notes.all()).rejects.toThrow(/^database ".*\*.*" does not exist$/);
  });

  it('closes its connections', async () => {
    const database = await open();
    await Promise.all(['a', 'b', 'c'].map((text) => database.stores.notes.add(text)));
    await database.close();
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const count = "SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'sluice'";
    await expect.poll(async () => (await client.query<{ open: number }>(count)).rows[0]?.open).toBe(0);
    await client.end();
  });
});
