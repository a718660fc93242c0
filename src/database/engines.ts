import type { DatabaseConfig } from '../config/database-url.ts';
import type { Database, DatabaseOptions } from './database.ts';
import type { Room, StoresOf } from './room.ts';
import { openSqlite } from './sqlite.ts';

/**
 * A database that opens at its first use: a failure is the failure of that use, and the next one tries anew. The client for
 * Postgres is loaded only where Postgres is asked for.
 */
export async function createDatabase<Rooms extends Readonly<Record<string, Room<unknown>>>>(
  config: DatabaseConfig,
  rooms: Rooms,
  { isReadOnly = false, limits = {} }: DatabaseOptions = {},
): Promise<Database<StoresOf<Rooms>>> {
  if (config.engine === 'sqlite') return openSqlite(config.path, rooms, isReadOnly);
  const { openPostgres } = await import('./postgres-pool.ts');
  return openPostgres(config, rooms, { isReadOnly, limits });
}
