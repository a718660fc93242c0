import { describe, expect, it } from 'vitest';
import { toNano, toUsd } from '../../src/limits/budget.ts';
import { spendRows } from '../../src/limits/spend.ts';
import { createSteadyClock } from '../../src/limits/steady-clock.ts';
import { windowsAt } from '../../src/limits/windows.ts';
import { KEY, ORG, START } from './ledgers.ts';

describe('money', () => {
  it.each([
    [0, '0.00'],
    [4_900_000_000, '4.90'],
    [1, '0.000000001'],
    [1_234_500_000, '1.2345'],
    [9_007_199_254_740_991, '9007199.254740991'],
    [-50_000_000, '-0.05'],
  ])('of %i nano-USD reads %s', (nano, text) => {
    expect(toUsd(nano)).toBe(text);
  });

  it('is an integer, and what is not known is nothing', () => {
    expect([toNano(0.1 + 0.2), toNano(1e-9), toNano(4e-10), toNano(null)]).toEqual([300_000_000, 1, 0, 0]);
  });
});

describe('spendRows', () => {
  it('sums up bookings by scope and window, in the order in which rows are locked', () => {
    const windows = windowsAt(START);
    const next = windowsAt(START + 86_400_000);
    const model = { ...KEY, id: 'key:a/m', model: 'm' };
    const rows = spendRows([
      { scopes: [ORG, KEY], windows, nano: 5, tokens: 1 },
      { scopes: [KEY, model], windows: next, nano: 7, tokens: 2 },
    ]);
    expect(rows.map(({ scope, win, nano, calls, tokens }) => [scope, win, nano, calls, tokens])).toEqual([
      ['key:a', 'd20261128', 5, 1, 1],
      ['key:a', 'd20261129', 7, 1, 2],
      ['key:a', 'm202611', 12, 2, 3],
      ['key:a', 'total', 12, 2, 3],
      ['key:a', 'w202648', 12, 2, 3],
      ['org:acme', 'd20261128', 5, 1, 1],
      ['org:acme', 'm202611', 5, 1, 1],
      ['org:acme', 'total', 5, 1, 1],
      ['org:acme', 'w202648', 5, 1, 1],
    ]);
  });
});

it('a steady clock does not go back with the machine, and goes on from there', () => {
  const clock = createSteadyClock(1000);
  expect([1500, 200, 300, 5000].map((at) => clock.elapsed(at))).toEqual([500, 500, 600, 5300]);
});
