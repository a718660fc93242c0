import { describe, expect, it } from 'vitest';
import { nextPrice, priceNow, shutdownOf } from '../../console/src/pages/models/facts.ts';

const NOW = Date.parse('2026-11-24T13:00:00Z');
const PRICES = [
  { input: 2, output: 8, until: '2026-11-24' },
  { input: 1, output: 4, from: '2026-11-24', until: '2027-01-01' },
  { input: 3, output: 9, from: '2027-06-01' },
  { input: 2, output: 5, from: '2027-01-01', until: '2027-06-01' },
];

describe('the price of a model', () => {
  it('is that of the day, whose last one is not included', () => {
    expect(priceNow(PRICES, NOW)?.input).toBe(1);
    expect(priceNow(PRICES, NOW - 86_400_000)?.input).toBe(2);
  });

  it('is announced by the next one that begins', () => {
    expect(nextPrice(PRICES, NOW)?.from).toBe('2027-01-01');
    expect(nextPrice(PRICES.slice(0, 2), NOW)).toBeNull();
  });

  it('is unknown where no day of it fits, which is not nothing', () => {
    expect(priceNow([{ input: 1, output: 1, from: '2027-01-01' }], NOW)).toBeNull();
    expect(priceNow([], NOW)).toBeNull();
  });
});

describe('the end of a model', () => {
  it.each([
    ['2026-11-25', 'ends in 1 day', 'soon'],
    ['2026-12-07', 'ends in 13 days', 'soon'],
    ['2026-12-08', 'ends in 14 days', 'near'],
    ['2027-01-23', 'ends in 60 days', 'far'],
    ['2026-11-24', 'shut down on 2026-11-24', 'soon'],
  ])('on %s is told as %s', (day, words, tone) => {
    expect(shutdownOf(day, NOW)).toEqual({ words, tone });
  });
});
