import type { DatabaseConfig } from '../config/database-url.ts';
import type { Database, DatabaseLog, DatabaseOptions } from './database.ts';
import type { Room, StoresOf } from './room.ts';
import { openSqlite } from './sqlite.ts';

// The composition root imports each room once.
export type { Database } from './database.ts';

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

/** Opens a database at once: what is wrong with it is known at the start and not at the first use. Each use tries again. */
export function openEarly(database: Database<unknown>, shown: string, log: DatabaseLog): void {
  const opened = (): void => {
    for (const concern of database.concerns()) log.warn({ database: shown }, concern);
  };
  database.open().then(opened, (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    log.error({ database: shown, reason }, 'the database cannot be opened; calls go on, and it is tried again');
  });
}
