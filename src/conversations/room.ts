import type { Remote, Room } from '../database/room.ts';
import { createPostgresThreads } from './postgres-threads.ts';
import type { SqliteThreads } from './sqlite-threads.ts';
import { createReads, createWrites, type ThreadStore } from './store.ts';
import { POSTGRES_STEPS, SQLITE_STEPS } from './tables.ts';
import { SQLITE_SEARCH } from './word-search.ts';

/** Threads and conversations, on either engine. */
export const THREADS: Room<ThreadStore> = {
  name: 'conversations',
  sqlite: {
    module: new URL('./sqlite-threads', import.meta.url).href,
    migrations: SQLITE_STEPS,
    slowReads: ['read'],
    createStore: (remote: Remote<SqliteThreads>) => overThread(remote),
  },
  postgres: { migrations: POSTGRES_STEPS, createStore: createPostgresThreads },
};

function overThread(remote: Remote<SqliteThreads>): ThreadStore {
  const method = (way: 'read' | 'write') => (name: string) =>
    [name, (...values: readonly unknown[]) => remote[way](name, values)] as const;
  const writes = Object.keys(createWrites()).map(method('write'));
  const reads = Object.keys(createReads(SQLITE_SEARCH)).map(method('read'));
  return Object.fromEntries([...writes, ...reads]) as unknown as ThreadStore;
}
