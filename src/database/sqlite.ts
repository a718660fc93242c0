import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from './database.ts';
import { isOpenToOthers } from './private-file.ts';
import type { Remote, Room, StoresOf } from './room.ts';
import { createSqliteThread, EXTENSION, type SqliteThread } from './sqlite-thread.ts';

/** A disk that hangs does not keep the gateway from stopping. */
const LONGEST_CLOSE_MS = 1000;
const OPEN_TO_OTHERS = 'others on this machine can read the database, and its mode is not ours to change';

/**
 * An SQLite file in threads of its own: a slow disk holds up no call. What is slow to read has a thread and a connection
 * that only reads, started when it is needed: it holds up neither what is written nor what is looked up.
 */
export function openSqlite<Rooms extends Readonly<Record<string, Room<unknown>>>>(
  path: string,
  rooms: Rooms,
  isReadOnly: boolean,
): Database<StoresOf<Rooms>> {
  const steps = Object.values(rooms).map(({ name, sqlite: { migrations, module } }) => ({
    name,
    migrations,
    module: module + EXTENSION,
  }));
  const first = createSqliteThread({ path, isReadOnly, rooms: steps });
  const second = createSqliteThread({ path, isReadOnly: true, rooms: steps });
  const open = async (): Promise<void> => void (await first.ask(null, 'open', []));
  const read: SqliteThread['ask'] = async (...question) => {
    // Only the first one makes the file and its indexes, and makes it anew if it was deleted.
    // Where it cannot be written it may still be read, and where not, reading says why.
    await open().catch(() => undefined);
    return second.ask(...question);
  };
  const connect = ({ name, sqlite: { slowReads, createStore } }: Room<unknown>): unknown => {
    const slow = new Set<string>(slowReads);
    return createStore(createRemote((method, values) => (slow.has(method) ? read : first.ask)(name, method, values)));
  };
  const stores = Object.entries(rooms).map(([name, room]) => [name, connect(room)]);
  const close = async (): Promise<void> => {
    // The last one to close puts the write-ahead log into the file, which takes the right to write.
    await second.close();
    await first.close();
  };
  return {
    stores: Object.fromEntries(stores) as StoresOf<Rooms>,
    open,
    isThere: () => existsSync(path),
    concerns: () => (isOpenToOthers(path) ? [OPEN_TO_OTHERS] : []),
    close: () => Promise.race([close(), wait(LONGEST_CLOSE_MS, undefined, { ref: false })]),
  };
}

/** Every method there may be, each a question to a thread. */
function createRemote(ask: (method: string, values: readonly unknown[]) => Promise<unknown>): Remote<object> {
  return new Proxy(Object.create(null) as Remote<object>, {
    get: (_target, method) =>
      // A promise that resolves to it asks whether it is a promise itself.
      typeof method === 'string' && method !== 'then'
        ? (...values: readonly unknown[]) => ask(method, values)
        : undefined,
  });
}
