import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Directory } from '../../src/access/directory.ts';
import { createKeyRing, type KeyRing } from '../../src/access/key-ring.ts';
import { ACCESS } from '../../src/access/room.ts';
import { Sessions } from '../../src/access/sessions.ts';
import type { AccessStore } from '../../src/access/store.ts';
import type { KeyConfig, OrgConfig } from '../../src/config/config.ts';
import { parseDatabaseUrl } from '../../src/config/database-url.ts';
import { createDatabase } from '../../src/database/engines.ts';
import { temporaryFolder } from './config-files.ts';
import { createPostgresDatabase, NO_POSTGRES } from './postgres.ts';

/** The engines on which every test of the store runs. */
export const ACCESS_ENGINES: readonly (readonly [string, boolean, () => string | Promise<string>])[] = [
  ['SQLite', false, () => join(temporaryFolder(), 'sluice.db')],
  ['Postgres', NO_POSTGRES, createPostgresDatabase],
];

/** The tables of keys in a database of their own, closed with the test. */
export async function openAccess(createUrl: () => string | Promise<string>): Promise<AccessStore> {
  const config = parseDatabaseUrl(await createUrl());
  if (config === null) throw new Error('The test has no URL.');
  const database = await createDatabase(config, { access: ACCESS });
  onTestFinished(() => database.close());
  return database.stores.access;
}

export const LOOK_UPS = { cacheMs: 30_000, staleMs: 3_600_000, maxCached: 1000 };

/** The keys of a file without a database. */
export function fileRing(keys: readonly KeyConfig[], orgs: ReadonlyMap<string, OrgConfig> = new Map()): KeyRing {
  const now = (): number => 0;
  const context = {
    isThere: () => false,
    settings: () => LOOK_UPS,
    now,
    trouble: () => undefined,
    limitsChanged: async () => undefined,
  };
  const directory = new Directory({} as AccessStore, context);
  const console = { isEnabled: true, isAdminOnly: false };
  const sessions = new Sessions(randomBytes, now);
  const passthrough = { default: null, isShared: false, reserveUsd: 0, bodyLimitBytes: 0 };
  return createKeyRing({ keys, orgs, passthrough, console }, { directory, sessions, now });
}
