import { createPostgresStore, createSqliteStore, type SqliteOperations } from '../database/operation-store.ts';
import type { Remote, Room } from '../database/room.ts';
import { ACCESS_READS, ACCESS_WRITES, type AccessStore } from './store.ts';
import { POSTGRES_ACCESS_STEPS, SQLITE_ACCESS_STEPS } from './tables.ts';

/** Keys and organisations, on either engine. None is read in the thread of what is slow: calls wait for them. */
export const ACCESS: Room<AccessStore> = {
  name: 'access',
  sqlite: {
    module: new URL('./sqlite-access', import.meta.url).href,
    migrations: SQLITE_ACCESS_STEPS,
    slowReads: [],
    createStore: (remote: Remote<SqliteOperations>) => createSqliteStore(remote, ACCESS_WRITES, ACCESS_READS),
  },
  postgres: {
    migrations: POSTGRES_ACCESS_STEPS,
    createStore: (postgres) => createPostgresStore(postgres, { ...ACCESS_WRITES, ...ACCESS_READS }),
  },
};
