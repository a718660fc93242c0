import { SqliteOperations } from '../database/operation-store.ts';
import type { SqliteConnection } from '../database/sqlite-connection.ts';
import { ACCESS_READS, ACCESS_WRITES } from './store.ts';

/** Made anew for each connection. */
export function createStore(connection: SqliteConnection): SqliteOperations {
  return new SqliteOperations(connection, ACCESS_WRITES, ACCESS_READS);
}
