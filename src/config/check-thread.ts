import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../protocol/errors.ts';
import type { CheckedTexts, CheckTask } from './check-texts.ts';

/** The shipped files take a second on a busy machine, most of it the start of the thread. */
const LONGEST_CHECK_MS = 10_000;
const LIMITS = { maxOldGenerationSizeMb: 256 };

const EXTENSION = extname(import.meta.url);
const FILE = new URL(`./check-worker${EXTENSION}`, import.meta.url).href;
/** The values of the environment are not there at all. With the cache, as in main.js. */
const START = `require('node:module').enableCompileCache(); import(${JSON.stringify(FILE)});`;

/** Checks in a thread of its own, which ends with it. @throws GatewayError 400 for files that take too long, or too much memory */
export async function checkInThread(workerData: CheckTask): Promise<CheckedTexts> {
  const { promise, resolve, reject } = Promise.withResolvers<CheckedTexts>();
  const worker = new Worker(START, { eval: true, workerData, env: {}, execArgv: [], resourceLimits: LIMITS });
  const timer = setTimeout(() => reject(tooMuch()), LONGEST_CHECK_MS);
  worker.once('message', resolve);
  worker.once('error', (error) => reject(tooMuch(error)));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function tooMuch(cause?: unknown): GatewayError {
  const message = `These files cannot be checked within ${LONGEST_CHECK_MS / 1000} s. Are they configuration files?`;
  return new GatewayError('invalid_value', message, { param: 'files', cause });
}
