import { parentPort, workerData } from 'node:worker_threads';
import { createSqliteStore } from './sqlite.ts';
import type { WorkerAnswer, WorkerData, WorkerQuestion } from './worker-store.ts';

// A thread of a worker store: SQLite waits for the disk here, where no call waits with it.
const { path, isReadOnly } = workerData as WorkerData;
const store = createSqliteStore(path, { isReadOnly });

parentPort?.on('message', (text: string) => {
  const { number, method, values } = JSON.parse(text) as WorkerQuestion;
  const run = store[method] as (...values: readonly unknown[]) => Promise<unknown>;
  const answer = (rest: Omit<WorkerAnswer, 'number'>): void => parentPort?.postMessage({ number, ...rest });
  run(...values).then(
    (value) => answer({ value, error: null }),
    (error: unknown) => answer({ value: null, error: error instanceof Error ? error.message : String(error) }),
  );
});
