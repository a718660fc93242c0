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

type Waiting = PromiseWithResolvers<unknown>;

/** The same store in a thread of its own: a slow disk or a sum over a year holds up no call. */
export function createWorkerStore(path: string): UsageStore {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let number = 0;

  const start = (): Worker => {
    // Without the flags of the process: some of them (--input-type, --eval) mean nothing to a thread.
    const started = new Worker(START, {
      eval: true,
      workerData: { path, file: WORKER_FILE },
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

  const ask = <T>(method: keyof UsageStore, ...values: readonly unknown[]): Promise<T> => {
    worker ??= start();
    worker.ref();
    const asked: Waiting = Promise.withResolvers();
    number += 1;
    waiting.set(number, asked);
    // As JSON, which takes two thirds of the time that cloning takes on both sides.
    worker.postMessage(JSON.stringify({ number, method, values } satisfies WorkerQuestion));
    return asked.promise as Promise<T>;
  };

  return {
    append: (records) => ask('append', records),
    page: (filter, limit, after) => ask('page', filter, limit, after),
    sums: (filter, groups, limit) => ask('sums', filter, groups, limit),
    prune: (limits, steps) => ask('prune', limits, steps),
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
