import { setTimeout as wait } from 'node:timers/promises';

/** Waits for a commit, and not for ever: it may still be done later. @throws Error after so many milliseconds */
export async function inTime<Result>(work: Promise<Result>, commitMs: number): Promise<Result> {
  const late = new AbortController();
  const tooLate = async (): Promise<never> => {
    await wait(commitMs, undefined, { signal: late.signal, ref: false });
    throw new Error(`It took longer than ${Math.round(commitMs)} ms (responses.commit).`);
  };
  try {
    return await Promise.race([work, tooLate()]);
  } finally {
    late.abort();
    work.catch(() => undefined);
  }
}
