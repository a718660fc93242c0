import type { SqliteConnection } from '../database/sqlite-connection.ts';
import { type NamedOperation, runAtOnce, type SqlRow, type Statement } from './operation.ts';
import { createReads, createWrites } from './store.ts';
import { SQLITE_SEARCH } from './word-search.ts';

/** Operations in the thread of SQLite. */
export class SqliteThreads {
  readonly #connection: SqliteConnection;
  readonly #writes = createWrites() as unknown as Readonly<Record<string, NamedOperation>>;
  readonly #reads = createReads(SQLITE_SEARCH) as unknown as Readonly<Record<string, NamedOperation>>;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
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

/** Made anew for each connection. */
export function createStore(connection: SqliteConnection): SqliteThreads {
  return new SqliteThreads(connection);
}
