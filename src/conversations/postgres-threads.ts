import type { Postgres, PostgresSession } from '../database/postgres.ts';
import { type NamedOperation, runInTurn, type SqlRow, type Statement } from './operation.ts';
import { createReads, createWrites, type ThreadStore } from './store.ts';
import { POSTGRES_SEARCH } from './word-search.ts';

/** Operations on Postgres, each a transaction, which is made again where it met a deadlock. */
export function createPostgresThreads(postgres: Postgres): ThreadStore {
  const operations = { ...createWrites(), ...createReads(POSTGRES_SEARCH) } as unknown as Record<
    string,
    NamedOperation
  >;
  const methods = Object.entries(operations).map(([name, operation]) => [
    name,
    (...values: readonly unknown[]) =>
      untilFree(() =>
        postgres.transaction((session) => runInTurn(operation(...values), (statement) => ask(session, statement))),
      ),
  ]);
  return Object.fromEntries(methods) as ThreadStore;
}

const DEADLOCK = '40P01';
const MOST_TRIES = 3;

/** Of transactions that wait for each other the server ends one, of which nothing is done: it is made again. */
async function untilFree<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === DEADLOCK;
      if (!isDeadlock || tries === MOST_TRIES) throw error;
    }
  }
}

async function ask(session: PostgresSession, { sql, values, isList = false }: Statement): Promise<readonly SqlRow[]> {
  const rows = await session.query<SqlRow>({ text: toPostgres(sql), values });
  // Joined here: the server takes longer for it than this process does (measured).
  return isList ? [{ count: rows.length, list: rows.map(({ item }) => item).join(',') }] : rows;
}

const texts = new Map<string, string>();

/** `?` becomes `$1`, `$2` …; statements are few. */
function toPostgres(sql: string): string {
  let text = texts.get(sql);
  if (text === undefined) {
    let number = 0;
    text = sql.replace(/\?/g, () => `$${++number}`);
    texts.set(sql, text);
  }
  return text;
}
