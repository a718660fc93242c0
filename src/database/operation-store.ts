import { type NamedOperation, runAtOnce, runInTurn, type SqlRow, type Statement } from './operation.ts';
import type { Postgres, PostgresSession } from './postgres.ts';
import type { Remote } from './room.ts';
import type { SqliteConnection } from './sqlite-connection.ts';

/** Operations by name: each is one method of a store. */
type Operations = Readonly<Record<string, unknown>>;
type NamedOperations = Readonly<Record<string, NamedOperation>>;

/** Operations in the thread of SQLite. */
export class SqliteOperations {
  readonly #connection: SqliteConnection;
  readonly #writes: NamedOperations;
  readonly #reads: NamedOperations;

  constructor(connection: SqliteConnection, writes: Operations, reads: Operations) {
    this.#connection = connection;
    this.#writes = writes as NamedOperations;
    this.#reads = reads as NamedOperations;
  }

  /** In a transaction. @param name of one of the writes */
  write(name: string, values: readonly unknown[]): unknown {
    return this.#connection.transaction(() => this.#run(this.#writes[name], values));
  }

  /** @param name of one of the reads */
  read(name: string, values: readonly unknown[]): unknown {
    return this.#run(this.#reads[name], values);
  }

  #run(operation: NamedOperation | undefined, values: readonly unknown[]): unknown {
    if (operation === undefined) throw new Error('There is no such operation.');
    return runAtOnce(operation(...values), (statement) => this.#ask(statement));
  }

  #ask({ sql, values, isList = false }: Statement): readonly SqlRow[] {
    const text = isList ? toList(sql) : sql;
    return this.#connection.prepare(text).all(...values) as unknown as readonly SqlRow[];
  }
}

/** Sorted before they are joined: an order within the aggregate makes it sort whole texts, and takes ten times as long. */
function toList(sql: string): string {
  return `SELECT count(*) AS count, CAST(string_agg(item, ',') AS BLOB) AS list FROM (${sql})`;
}

/** The store of a room in the main thread, each method an operation in the thread of SQLite. */
export function createSqliteStore<Store>(
  remote: Remote<SqliteOperations>,
  writes: Operations,
  reads: Operations,
): Store {
  const methods = (operations: Operations, way: 'read' | 'write') =>
    Object.keys(operations).map((name) => [name, (...values: readonly unknown[]) => remote[way](name, values)]);
  return Object.fromEntries([...methods(writes, 'write'), ...methods(reads, 'read')]) as Store;
}

/** The store of a room on Postgres, each method a transaction, which is made again where it met a deadlock. */
export function createPostgresStore<Store>(postgres: Postgres, operations: Operations): Store {
  const methods = Object.entries(operations as NamedOperations).map(([name, operation]) => [
    name,
    (...values: readonly unknown[]) =>
      untilFree(() =>
        postgres.transaction((session) => runInTurn(operation(...values), (statement) => ask(session, statement))),
      ),
  ]);
  return Object.fromEntries(methods) as Store;
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
