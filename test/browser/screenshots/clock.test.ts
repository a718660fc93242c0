import { describe, expect, it } from 'vitest';
import { createClock } from './clock.ts';

describe('the clock of the pictures', () => {
  it('stands still until it is waited for, and takes no time of its own', async () => {
    const clock = createClock(60);
    const [begun, begunReally] = [clock.now(), performance.now()];
    await clock.pass(30 * 60_000);
    expect(clock.now() - begun).toBe(30 * 60_000);
    expect(performance.now() - begunReally).toBeLessThan(10_000);
  });

  it('wakes those who wait in the order of their times, each at its own', async () => {
    const clock = createClock(0);
    const begun = clock.now();
    const woken: [string, number][] = [];
    const wait = async (name: string, ms: number): Promise<void> => {
      await clock.pass(ms);
      woken.push([name, clock.now() - begun]);
      if (name === 'first') await wait('again', 10);
    };
    await Promise.all([wait('last', 300), wait('first', 100), wait('second', 200)]);
    expect(woken).toEqual([
      ['first', 100],
      ['again', 110],
      ['second', 200],
      ['last', 300],
    ]);
  });

  it('can be set, but never back', () => {
    const clock = createClock(10);
    const begun = clock.now();
    clock.setBefore(4);
    expect(clock.now() - begun).toBe(6 * 60_000);
    expect(() => clock.setBefore(5)).toThrow('60000 ms further');
  });
});
