import { parentPort, workerData } from 'node:worker_threads';
import { connectSqlite, fileOf, isBusy, type SqliteConnection } from './sqlite-connection.ts';
import type { CreateSyncStore, ThreadAnswer, ThreadData, ThreadQuestion } from './sqlite-thread.ts';

// A thread of an SQLite file: the disk is waited for here, where no call waits with it.

type Method = (...values: readonly unknown[]) => unknown;
type SyncStores = ReadonlyMap<string, Readonly<Record<string, Method>>>;

const { path, isReadOnly, rooms } = workerData as ThreadData;
const makers = new Map<string, CreateSyncStore>();
for (const { name, module } of rooms) {
  const { createStore } = (await import(module)) as { createStore: CreateSyncStore };
  makers.set(name, createStore);
}
let open: { readonly connection: SqliteConnection; readonly stores: SyncStores } | null = null;

parentPort?.on('message', (question: ThreadQuestion) => {
  const answer = { number: question.number, ...answerTo(question) } satisfies ThreadAnswer;
  parentPort?.postMessage(answer, bytesIn(answer.value));
});

/** Bytes are given away: to copy 3 MB takes 4 ms (measured). */
function bytesIn(value: unknown): ArrayBuffer[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const parts = Object.values(value).filter((part) => part instanceof Uint8Array && ownsBuffer(part));
  return parts.map(({ buffer }) => buffer as ArrayBuffer);
}

/** A small `Buffer` may be a piece of one that others have pieces of. */
function ownsBuffer({ byteLength, buffer }: Uint8Array): boolean {
  return byteLength === buffer.byteLength;
}

function answerTo(question: ThreadQuestion): Omit<ThreadAnswer, 'number'> {
  try {
    return { value: run(question), error: null };
  } catch (error) {
    if (!isBusy(error)) close();
    return { value: null, error: error instanceof Error ? error.message : String(error) };
  }
}

function run({ room, method, values }: ThreadQuestion): unknown {
  if (method === 'close') return close();
  const stores = connect();
  if (room === null) return undefined;
  return stores.get(room)?.[method]?.(...values);
}

/** Opened at the first use, and anew after an error or when the file was taken away. */
function connect(): SyncStores {
  if (open !== null && open.connection.file !== fileOf(path)) close();
  if (open === null) {
    const connection = connectSqlite(path, rooms, isReadOnly);
    const stores = [...makers].map(([name, create]) => [name, create(connection)] as const);
    open = { connection, stores: new Map(stores) as unknown as SyncStores };
  }
  return open.stores;
}

function close(): void {
  const db = open?.connection.db;
  open = null;
  db?.close();
}
