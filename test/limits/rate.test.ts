import { describe, expect, it } from 'vitest';
import { arrivalAfter, corrected, rateStanding, rescaled, waitFor } from '../../src/limits/rate.ts';

/** How many of this weight pass at these moments, each of which is asked at until it refuses. */
function passed(limit: { most: number; burst: number }, weight: number, moments: readonly number[]): number[] {
  let arrival = 0;
  return moments.map((now) => {
    let count = 0;
    while (waitFor(limit, arrival, now, weight) === 0) {
      arrival = arrivalAfter(arrival, now, weight, limit.most);
      count++;
    }
    return count;
  });
}

describe('a limit a minute', () => {
  it.each([1, 3, 7, 60, 61, 997, 100_000])(
    'of %i passes so many at once after a pause, whatever the fractions',
    (most) => {
      expect(passed({ most, burst: 1 }, 1, [5])).toEqual([most]);
    },
  );

  it('passes one at a time from then on, and twice as many within that minute', () => {
    const seconds = Array.from({ length: 60 }, (_, second) => second * 1000);
    const counts = passed({ most: 60, burst: 1 }, 1, seconds);
    expect(counts[0]).toBe(60);
    expect(new Set(counts.slice(1))).toEqual(new Set([1]));
  });

  it('smooths with a burst of less than a minute', () => {
    expect(passed({ most: 60, burst: 0.1 }, 1, [0, 1000, 3000, 63_000])).toEqual([6, 1, 2, 6]);
  });

  it('passes what is heavier than itself when nothing is owed, and has it paid off', () => {
    const limit = { most: 1000, burst: 1 };
    expect(waitFor(limit, 0, 0, 3000)).toBe(0);
    const arrival = arrivalAfter(0, 0, 3000, 1000);
    expect([waitFor(limit, arrival, 0, 1), waitFor(limit, arrival, 119_000, 1)]).toEqual([120_060, 1060]);
    // To wait until it fits would be to wait for ever.
    expect(waitFor(limit, arrival, 100_000, 3000)).toBe(80_000);
    expect(waitFor({ most: 5, burst: 0.1 }, 0, 0, 1)).toBe(0);
  });

  it('says for how long to wait: asked again just then, it passes', () => {
    const limit = { most: 7, burst: 1 };
    const arrival = Array.from({ length: 7 }).reduce<number>((at) => arrivalAfter(at, 100, 1, 7), 0);
    const wait = waitFor(limit, arrival, 100, 1);
    expect(wait).toBeCloseTo(60_000 / 7);
    expect(waitFor(limit, arrival, 100 + Math.ceil(wait), 1)).toBe(0);
    expect(waitFor(limit, arrival, 100 + Math.floor(wait), 1)).toBeGreaterThan(0);
  });

  it.each([
    [30_000_000, 1, 30_000_000],
    [30_000_000, 0.1, 3_000_000],
    [30_000_000, 2, 60_000_000],
    [100, 0.29, 29],
    [7, 0.1, 0],
  ])('of %i with a burst of %d has at most %i remaining', (most, burst, remaining) => {
    expect(rateStanding({ most, burst }, 0, 5)).toMatchObject({ limit: most, remaining, resetMs: 0 });
    expect(rateStanding({ most, burst }, 6, 5).remaining).toBeLessThanOrEqual(remaining);
  });

  it('of 0 passes nothing, ever', () => {
    expect(waitFor({ most: 0, burst: 1 }, 0, 0, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(rateStanding({ most: 0, burst: 1 }, 0, 0).remaining).toBe(0);
    expect(corrected(5, 10, 0)).toBe(5);
  });

  it('is corrected by what was really used', () => {
    const arrival = arrivalAfter(0, 0, 600, 1000);
    expect(corrected(arrival, -500, 1000)).toBeCloseTo(arrivalAfter(0, 0, 100, 1000));
    expect(corrected(arrival, 100, 1000)).toBeCloseTo(arrivalAfter(0, 0, 700, 1000));
  });
});

describe('rateStanding', () => {
  it.each([1, 3, 7, 13, 60])('counts down from %i, whatever the fractions', (most) => {
    let arrival = 0;
    for (let left = most; left > 0; left--) {
      expect(rateStanding({ most, burst: 1 }, arrival, 0).remaining).toBe(left);
      arrival = arrivalAfter(arrival, 0, 1, most);
    }
    expect(rateStanding({ most, burst: 1 }, arrival, 0)).toMatchObject({ limit: most, remaining: 0 });
  });

  it('says when all of it is there again', () => {
    expect(rateStanding({ most: 60, burst: 1 }, 2500, 1000)).toEqual({
      limit: 60,
      remaining: 58,
      resetMs: 1500,
      share: 0.975,
    });
    expect(rateStanding({ most: 60, burst: 1 }, 0, 1000)).toEqual({ limit: 60, remaining: 60, resetMs: 0, share: 1 });
  });
});

describe('another limit', () => {
  it('owes as many as before', () => {
    const arrival = arrivalAfter(0, 1000, 30, 60);
    const limit = { most: 600, burst: 1 };
    expect(rateStanding(limit, rescaled(arrival, 1000, 60, 600), 1000).remaining).toBe(570);
  });

  it('owes nothing where there was none', () => {
    expect(rescaled(0, 1000, null, 60)).toBeLessThanOrEqual(1000);
    expect(rescaled(9000, 1000, 60, null)).toBeLessThanOrEqual(1000);
  });
});
