import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { parseDatabaseUrl } from '../../src/config/database-url.ts';
import type { DatabaseOptions } from '../../src/database/database.ts';
import { createDatabase } from '../../src/database/engines.ts';
import type { SpendRow } from '../../src/limits/spend.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import type { UsageStore } from '../../src/usage/store.ts';
import { USAGE_ROOM } from '../../src/usage/usage-room.ts';

/** A usage store with a database of its own; each batch is new unless the test says which it is. */
export interface TestUsageStore extends UsageStore {
  append(records: readonly UsageRecord[], batch?: string, spend?: readonly SpendRow[]): Promise<void>;
  close(): Promise<void>;
}

/** @param url as `database.url` has it; closed when the test is finished */
export async function openUsage(url: string, options: DatabaseOptions = {}): Promise<TestUsageStore> {
  const config = parseDatabaseUrl(url);
  if (config === null) throw new Error(`${url} names no database.`);
  const { stores, close } = await createDatabase(config, { usage: USAGE_ROOM }, options);
  onTestFinished(close);
  const { usage } = stores;
  return {
    ...usage,
    append: (records, batch = randomUUID(), spend = []) => usage.append(records, batch, spend),
    close,
  };
}
