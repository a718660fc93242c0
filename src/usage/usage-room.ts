import type { Remote, Room } from '../database/room.ts';
import { createPostgresUsageStore } from './postgres-store.ts';
import { POSTGRES_MIGRATIONS } from './postgres-tables.ts';
import { createPruning } from './pruning.ts';
import type { SqliteUsageStore } from './sqlite-store.ts';
import { SQLITE_MIGRATIONS } from './sqlite-tables.ts';
import type { UsageStore } from './store.ts';

/** What the usage log brings to the database. */
export const USAGE_ROOM: Room<UsageStore> = {
  name: 'usage',
  sqlite: {
    module: new URL('./sqlite-store', import.meta.url).href,
    migrations: SQLITE_MIGRATIONS,
    slowReads: ['ended', 'sums', 'excess'] satisfies (keyof SqliteUsageStore)[],
    createStore: (remote: Remote<SqliteUsageStore>) => ({
      append: (records, batch, spend) => remote.append(JSON.stringify(records), batch, spend),
      spent: remote.spent,
      page: remote.page,
      ended: remote.ended,
      sums: remote.sums,
      prune: createPruning({
        removeBefore: remote.removeBefore,
        // Every start asks this, and few have a second thread to start for it.
        excess: async (maxBytes) => ((await remote.fileBytes()) <= maxBytes ? 0 : remote.excess(maxBytes)),
        removeOldest: remote.removeOldest,
      }),
      forgetSpend: remote.forgetSpend,
    }),
  },
  postgres: { migrations: POSTGRES_MIGRATIONS, createStore: createPostgresUsageStore },
};
