import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RoomSteps } from './migrations.ts';
import type { SqliteConnection } from './sqlite-connection.ts';

/**
 * What the module of a room exports as `createStore`: a store over a connection in the thread, made anew for each. Bytes that
 * are a field of what one of its methods returns are given away with it.
 */
export type CreateSyncStore = (connection: SqliteConnection) => object;

/** What a thread is started with. */
export interface ThreadData {
  readonly path: string;
  readonly isReadOnly: boolean;
  /** With the module of each, extension and all. */
  readonly rooms: readonly (RoomSteps & { readonly module: string })[];
}

/** One call of a method; with no room only `open` and `close`. */
export interface ThreadQuestion {
  readonly number: number;
  readonly room: string | null;
  readonly method: string;
  readonly values: readonly unknown[];
}

/** What came of it; `error` says why it did not work. */
export interface ThreadAnswer {
  readonly number: number;
  readonly value: unknown;
  readonly error: string | null;
}

/** A thread with a connection, started at the first question, and again after it has broken down. */
export interface SqliteThread {
  ask(room: string | null, method: string, values: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

/** TypeScript as it is written, JavaScript after the build. */
export const EXTENSION = extname(import.meta.url);

export function createSqliteThread(data: ThreadData): SqliteThread {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let worker: Worker | null = null;
  let number = 0;

  const start = (): Worker => {
    // Without the flags of the process: some of them (--input-type, --eval) mean nothing to a thread.
    const workerData = { ...data, file: WORKER_FILE };
    const started = new Worker(START, { eval: true, workerData, execArgv: [], resourceLimits: LIMITS });
    started.on('message', ({ number, value, error }: ThreadAnswer) => {
      const asked = waiting.get(number);
      waiting.delete(number);
      // Only a question without its answer keeps the process alive.
      if (waiting.size === 0) started.unref();
      if (error === null) asked?.resolve(value);
      else asked?.reject(new Error(error));
    });
    const end = (error: Error): void => {
      if (worker === started) worker = null;
      for (const asked of waiting.values()) asked.reject(error);
      waiting.clear();
    };
    started.on('error', end);
    started.on('exit', () => end(new Error('The thread of the database has ended.')));
    return started;
  };
  const ask: SqliteThread['ask'] = (room, method, values) => {
    worker ??= start();
    const asked = Promise.withResolvers<unknown>();
    number += 1;
    worker.postMessage({ number, room, method, values } satisfies ThreadQuestion);
    worker.ref();
    waiting.set(number, asked);
    return asked.promise;
  };
  return {
    ask,
    async close() {
      if (worker === null) return;
      await ask(null, 'close', []);
      await worker?.terminate();
    },
  };
}

const WORKER_FILE = new URL(`./sqlite-worker${EXTENSION}`, import.meta.url).href;
/** With the cache, as in main.js: without it the thread would load a TypeScript compiler of its own. */
const START = `require('node:module').enableCompileCache();
import(require('node:worker_threads').workerData.file);`;
/** What is alive in a thread for a moment is little. */
const LIMITS = { maxYoungGenerationSizeMb: 2 };
