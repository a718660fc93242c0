import { createPostgresStore, createSqliteStore, type SqliteOperations } from '../database/operation-store.ts';
import type { Remote, Room } from '../database/room.ts';
import { createReads, createWrites, type ThreadStore } from './store.ts';
import { POSTGRES_STEPS, SQLITE_STEPS } from './tables.ts';
import { POSTGRES_SEARCH, SQLITE_SEARCH } from './word-search.ts';

/** Threads and conversations, on either engine. */
export const THREADS: Room<ThreadStore> = {
  name: 'conversations',
  sqlite: {
    module: new URL('./sqlite-threads', import.meta.url).href,
    migrations: SQLITE_STEPS,
    slowReads: ['read'],
    createStore: (remote: Remote<SqliteOperations>) =>
      createSqliteStore(remote, createWrites(), createReads(SQLITE_SEARCH)),
  },
  postgres: {
    migrations: POSTGRES_STEPS,
    createStore: (postgres) => createPostgresStore(postgres, { ...createWrites(), ...createReads(POSTGRES_SEARCH) }),
  },
};
