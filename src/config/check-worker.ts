import { parentPort, workerData } from 'node:worker_threads';
import { type CheckTask, checkTexts } from './check-texts.ts';

// A thread of its own: what is checked may be made to take long, and calls go on meanwhile.
parentPort?.postMessage(checkTexts(workerData as CheckTask));
