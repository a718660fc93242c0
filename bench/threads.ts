/**
 * `npm run bench:threads`: what stored answers cost on each engine: a turn at its commit, a long context at its reading,
 * and how the tables grow. Markdown for docs/performance.md.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '../lab/postgres-server.ts';
import { makeTemporaryFolder } from '../lab/temporary-folder.ts';
import { parseDatabaseUrl } from '../src/config/database-url.ts';
import type { KeptTurn, NewItem, TurnPlace } from '../src/conversations/records.ts';
import { THREADS } from '../src/conversations/room.ts';
import type { ThreadStore } from '../src/conversations/store.ts';
import { createDatabase } from '../src/database/engines.ts';
import { textOf } from '../src/database/operation.ts';
import { toTable } from './compare/table.ts';

const OWNER = 'key:bench';
const TURNS = 1000;
const READS = 100;

function item(id: string): NewItem {
  return { id, type: 'message', body: JSON.stringify({ id, text: 'x'.repeat(1000) }), state: null, words: '' };
}

/** A turn of three items of a kilobyte. */
function turnOf(chain: string, turn: number): KeptTurn {
  const id = `resp_${chain}_${turn}`;
  const place: TurnPlace = turn === 0 ? { kind: 'new' } : { kind: 'child', thread: `thr_${chain}_0`, turn: turn - 1 };
  const now = 1_760_000_000_000 + turn;
  return {
    response: {
      ...{ id, owner: OWNER, key: 'bench', status: 'completed', isBackground: false, isStreamed: false },
      ...{ createdAt: now, expiresAt: now + 86_400_000, body: '{}', worker: null, leaseUntil: null, remote: null },
    },
    completedAt: now,
    place,
    newThread: `thr_${chain}_${turn}`,
    input: [item(`${id}_in`)],
    output: [item(`${id}_thought`), item(`${id}_out`)],
  };
}

async function chain(store: ThreadStore, name: string, turns: number): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const begun = performance.now();
    if ((await store.commit(turnOf(name, turn))) !== 'committed') throw new Error('A turn was not committed.');
    times.push(performance.now() - begun);
  }
  return times;
}

async function readContext(store: ThreadStore): Promise<number[]> {
  const found = await store.find(OWNER, `resp_long_${TURNS - 1}`);
  if (found === null) throw new Error('The chain is not there.');
  const times: number[] = [];
  for (let read = 0; read < READS; read++) {
    const begun = performance.now();
    const items = JSON.parse(textOf((await store.contextOf(found.response, true)).items)) as unknown[];
    times.push(performance.now() - begun);
    if (items.length !== 3 * TURNS) throw new Error(`The context has ${items.length} items.`);
  }
  return times;
}

function quantile(times: readonly number[], part: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(2);
}

async function measure(title: string, url: string): Promise<string[]> {
  const config = parseDatabaseUrl(url);
  if (config === null) throw new Error(`${url} is no database.`);
  const database = await createDatabase(config, { threads: THREADS });
  const store = database.stores.threads;
  const commits = await chain(store, 'long', TURNS);
  const reads = await readContext(store);
  await database.close();
  return [title, quantile(commits, 0.5), quantile(commits, 0.99), quantile(reads, 0.5), quantile(reads, 0.99)];
}

/** The bytes of a file with one chain of so many turns. */
async function sizeOf(folder: string, turns: number): Promise<number> {
  const path = join(folder, `size-${turns}.db`);
  const database = await createDatabase({ engine: 'sqlite', path, shown: path }, { threads: THREADS });
  await chain(database.stores.threads, 'grow', turns);
  await database.close();
  return statSync(path).size;
}

const folder = makeTemporaryFolder('sluice-threads');
const rows = [await measure('SQLite', `sqlite:${join(folder, 'threads.db')}`)];
const postgres = await startPostgres().catch(() => null);
if (postgres === null) process.stderr.write('No Postgres for this platform: SQLite alone.\n');
else rows.push(await measure('Postgres', postgres.url));
await postgres?.remove();
const growth = (await sizeOf(folder, 400)) / (await sizeOf(folder, 200));
const head = ['ms', 'commit p50', 'p99 (≤ 3)', `context of ${TURNS} turns p50 (≤ 20)`, 'p99'];
process.stdout.write(toTable(head, rows));
process.stdout.write(`A chain of 400 turns takes ${growth.toFixed(2)} × the file of one of 200 (≤ 2.2).\n`);
