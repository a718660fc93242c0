import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPostgresDatabase, NO_POSTGRES } from '../support/postgres.ts';
import { blobsIn } from './kept-blobs.ts';
import { item, openThreads, turnOf } from './threads.ts';

const NEW = { kind: 'new' } as const;

/** A picture that is kept beside its item. */
function picture(id: string, letter: string) {
  const body = JSON.stringify({ id, type: 'message', url: `data:image/png;base64,${letter.repeat(70_000)}` });
  return { ...item(id), body };
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

describe.skipIf(NO_POSTGRES)('threads on Postgres', () => {
  it('are written although another transaction and this one waited for each other', async () => {
    const url = await createPostgresDatabase();
    const other = await connect(url);
    // The server ends the transaction that finds the deadlock, after a second as it is set up: not this one.
    await other.query("SET deadlock_timeout = '60s'");
    const store = await openThreads(() => url);
    const input = [picture('p1', 'a'), picture('p2', 'b')];
    await store.commit({ ...turnOf('r1', NEW), input });
    const { rows } = await other.query<{ name: string }>(
      'SELECT sha256 AS name FROM blobs ORDER BY sha256 COLLATE "C"',
    );
    const [first, last] = rows.map(({ name }) => name);
    await other.query('BEGIN');
    await other.query('UPDATE blobs SET refs = refs WHERE sha256 = $1', [last]);
    const committed = store.commit({ ...turnOf('r2', NEW), input });
    const watch = await connect(url);
    const waiting = async () => (await watch.query('SELECT 1 FROM pg_locks WHERE NOT granted')).rowCount;
    await expect.poll(waiting, { interval: 10 }).toBeGreaterThan(0);
    await other.query('UPDATE blobs SET refs = refs WHERE sha256 = $1', [first]);
    await other.query('COMMIT');
    expect(await committed).toBe('committed');
    expect((await blobsIn(url)).map(({ refs }) => refs)).toEqual([2, 2]);
  });
});
