import { expect, it } from 'vitest';
import { priceOn } from '../../src/config/prices.ts';

const PRICES = [
  { input: 1, output: 2, until: '2027-01-01' },
  { input: 2, output: 4, from: '2027-01-01' },
];

it('priceOn includes the first day of a price (from) and not the day on which it ends (until)', () => {
  expect(priceOn(PRICES, '2026-12-31')?.input).toBe(1);
  expect(priceOn(PRICES, '2027-01-01')?.input).toBe(2);
});

it('priceOn has no price before the first', () => {
  expect(priceOn([{ input: 1, output: 2, from: '2027-01-01' }], '2026-12-31')).toBeNull();
  expect(priceOn([], '2026-12-31')).toBeNull();
});
