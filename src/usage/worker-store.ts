import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { UsageStore } from './store.ts';

/** One call of a store's method. */
export interface WorkerQuestion {
  readonly number: number;
  readonly method: keyof UsageStore;
  readonly values: readonly unknown[];
}

/** What came of it; `error` says why it did not work. */
export interface WorkerAnswer {
  readonly number: number;
  readonly value: unknown;
  readonly error: string | null;
}

/** What a thread is started with. */
export interface WorkerData {
  readonly path: string;
  /** For reading only, beside the thread that writes. */
  readonly isReadOnly: boolean;
}

/**
 * The same store in threads of its own: a slow disk holds up no call. Sums and what is searched have a thread and a connection for
 * themselves, started with the first one: one over a year holds up neither what is written nor a page of records.
 */
export function createWorkerStore(path: string): UsageStore {
  const writing = createThread({ path, isReadOnly: false });
  const summing = createThread({ path, isReadOnly: true });
  const read = async <T>(method: keyof UsageStore, ...values: readonly unknown[]): Promise<T> => {
    // Who only reads makes no file, and no index: the other one has opened it then, and made it anew if it was deleted.
    const opened = writing.ask('append', []);
    // Where it cannot be written it may still be read, and where not, reading says why.
    await opened.catch(() => undefined);
    return summing.ask(method, ...values);
  };
  return {
    append: (records) => writing.ask('append', records),
    page: (filter, limit, after) => writing.ask('page', filter, limit, after),
    ended: (filter, limit, after) => read('ended', filter, limit, after),
    sums: (filter, groups, limit) => read('sums', filter, groups, limit),
    prune: (limits, steps) => writing.ask('prune', limits, steps),
    async close() {
      // The last one to close puts the write-ahead log into the file, which takes the right to write.
      await summing.close();
      await writing.close();
    },
  };
}

/** A thread with a store, started at the first question, and again after it has broken down. */
interface Thread {
  ask<T>(method: keyof UsageStore, ...values: readonly unknown[]): Promise<T>;
  close(): Promise<void>;
}

type PendingQuestion = PromiseWithResolvers<unknown>;

function createThread(data: WorkerData): Thread {
  const waiting = new Map<number, PendingQuestion>();
  let worker: Worker | null = null;
  let number = 0;

  const start = (): Worker => {
    // Without the flags of the process: some of them (--input-type, --eval) mean nothing to a thread.
    const started = new Worker(START, {
      eval: true,
      workerData: { ...data, file: WORKER_FILE },
      execArgv: [],
      resourceLimits: LIMITS,
    });
    started.on('message', ({ number, value, error }: WorkerAnswer) => {
      const asked = waiting.get(number);
      waiting.delete(number);
      // Only somebody who waits for an answer keeps the process alive.
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
    started.on('exit', () => end(new Error('The thread of the usage log has ended.')));
    return started;
  };
  const ask: Thread['ask'] = <T>(method: keyof UsageStore, ...values: readonly unknown[]) => {
    worker ??= start();
    worker.ref();
    const asked: PendingQuestion = Promise.withResolvers();
    number += 1;
    waiting.set(number, asked);
    // As JSON, which takes two thirds of the time that cloning takes on both sides.
    worker.postMessage(JSON.stringify({ number, method, values } satisfies WorkerQuestion));
    return asked.promise as Promise<T>;
  };
  return {
    ask,
    async close() {
      if (worker === null) return;
      await ask('close');
      await worker?.terminate();
    },
  };
}

/** TypeScript as it is written, JavaScript after the build. */
const WORKER_FILE = new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url).href;
/** With the cache, as in main.js: without it the thread would load a TypeScript compiler of its own. */
const START = `require('node:module').enableCompileCache();
import(require('node:worker_threads').workerData.file);`;
/** A batch of records is little. */
const LIMITS = { maxYoungGenerationSizeMb: 2 };
