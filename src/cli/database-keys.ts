import { ACCESS_ROOM } from '../access/access.ts';
import type { DatabaseConfig } from '../config/database-url.ts';
import { createDatabase } from '../database/engines.ts';

/** Whether a database holds keys, as far as it can be read; nothing in it is changed, and none is made. */
export async function holdsKeys(config: DatabaseConfig): Promise<boolean> {
  const database = await createDatabase(config, { access: ACCESS_ROOM }, { isReadOnly: true });
  try {
    return database.isThere() && (await database.stores.access.accessState()).hasKeys;
  } catch {
    // One that is away, or from before there were keys, has none that can be counted on.
    return false;
  } finally {
    await database.close();
  }
}
