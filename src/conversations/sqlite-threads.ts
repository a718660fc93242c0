import { SqliteOperations } from '../database/operation-store.ts';
import type { SqliteConnection } from '../database/sqlite-connection.ts';
import { createReads, createWrites } from './store.ts';
import { SQLITE_SEARCH } from './word-search.ts';

/** Made anew for each connection. */
export function createStore(connection: SqliteConnection): SqliteOperations {
  return new SqliteOperations(connection, createWrites(), createReads(SQLITE_SEARCH));
}
