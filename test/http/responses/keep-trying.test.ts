import { describe, expect, it } from 'vitest';
import { keepTrying } from '../../../src/http/responses/keep-trying.ts';

/** A clock that moves by what is slept, and something that works after so many tries. */
function scene({ works, untilMs = 10_000 }: { works: number; untilMs?: number }) {
  const controller = new AbortController();
  const pauses: number[] = [];
  let at = 0;
  let tries = 0;
  const work = async (): Promise<void> => {
    tries++;
    if (tries < works) throw new Error(`away ${tries}`);
  };
  const run = (isFinal = (_: unknown) => false): Promise<void> =>
    keepTrying(work, isFinal, {
      until: untilMs,
      signal: controller.signal,
      now: () => at,
      async sleep(ms, signal) {
        pauses.push(ms);
        at += ms;
        signal.throwIfAborted();
      },
    });
  return { run, pauses, controller, tries: () => tries };
}

describe('what is tried again', () => {
  it('is done once where it works', async () => {
    const { run, pauses, tries } = scene({ works: 1 });
    await run();
    expect([tries(), pauses]).toEqual([1, []]);
  });

  it('is done again with longer pauses until it works', async () => {
    const { run, pauses } = scene({ works: 7 });
    await run();
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 2000]);
  });

  it('is given up in time, with the last error', async () => {
    const { run, pauses } = scene({ works: 99 });
    await expect(run()).rejects.toThrow('away 9');
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
  });

  it('is given up at once where that is of no use', async () => {
    const { run, tries } = scene({ works: 99 });
    await expect(run(() => true)).rejects.toThrow('away 1');
    expect(tries()).toBe(1);
  });

  it('has one last try when it is called off', async () => {
    const { run, tries, controller } = scene({ works: 99 });
    controller.abort();
    await expect(run()).rejects.toThrow('away 1');
    const later = scene({ works: 99 });
    const isFinal = (): boolean => {
      later.controller.abort();
      return false;
    };
    await expect(later.run(isFinal)).rejects.toThrow('away 2');
    expect([tries(), later.tries()]).toEqual([1, 2]);
  });
});
