import { describe, expect, it } from 'vitest';
import { clockTime, dayAndTime } from '../../console/src/parts/clock.ts';
import { dollars, duration } from '../../console/src/parts/format.ts';

describe('figures in words', () => {
  it.each([
    [99, '99 ms'],
    [9940, '9.9 s'],
    [59_400, '59 s'],
    [59_700, '1 min 0 s'],
    [119_700, '2 min 0 s'],
    [252_000, '4 min 12 s'],
    [3_599_600, '1 h 0 min'],
    [7_320_000, '2 h 2 min'],
    [null, '–'],
  ])('%s ms are %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  it.each([
    [0, '$0'],
    [5.2e-7, '$0.00000052'],
    [1e-9, '$0.0000000010'],
    [0.00052, '$0.00052'],
    [0.0134, '$0.0134'],
    [0.689, '$0.6890'],
    [12.5, '$12.50'],
    [1_234_567.891, '$1,234,567.89'],
    [null, '–'],
  ])('%s USD are %s', (usd, words) => {
    expect(dollars(usd)).toBe(words);
  });

  it('marks what is an estimate', () => {
    expect([dollars(0.02, true), dollars(null, true)]).toEqual(['≈$0.0200', '–']);
  });
});

describe('the time of a call', () => {
  const now = new Date(2026, 10, 29, 14, 30).getTime();
  const at = (...parts: [number, number, number, number]): string => new Date(...parts).toISOString();

  it('has its day where that is another one, and its year where that is', () => {
    const [today, before, longAgo] = [at(2026, 10, 29, 9), at(2026, 10, 28, 23), at(2025, 10, 29, 9)];
    expect(dayAndTime(today, now)).toBe(clockTime(today));
    expect(dayAndTime(before, now)).toBe(`Nov 28, ${clockTime(before)}`);
    expect(dayAndTime(longAgo, now)).toBe(`Nov 29, 2025, ${clockTime(longAgo)}`);
  });
});
