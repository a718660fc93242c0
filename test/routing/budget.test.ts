import { beforeEach, describe, expect, it } from 'vitest';
import { createRetryBudgets, type RetryBudgets } from '../../src/routing/budget.ts';
import { createTestClock, type TestClock } from '../support/targets.ts';

let clock: TestClock;
let budgets: RetryBudgets;

beforeEach(() => {
  clock = createTestClock();
  budgets = createRetryBudgets(clock.now);
});

function spendAll(id = 'a'): number {
  let spent = 0;
  while (budgets.spend(id)) spent++;
  return spent;
}

describe('a retry budget', () => {
  it('lets a quiet gateway retry five times', () => {
    expect(spendAll()).toBe(5);
  });

  it('gives one back every five seconds, and never more than five', () => {
    spendAll();
    clock.at += 4999;
    expect(spendAll()).toBe(0);
    clock.at += 1;
    expect(spendAll()).toBe(1);
    clock.at += 3_600_000;
    expect(spendAll()).toBe(5);
  });

  it('grows by a share of each call', () => {
    for (let call = 0; call < 50; call++) budgets.deposit('a', 0.2);
    // Fifty fifths are a hair less than ten.
    expect(spendAll()).toBeGreaterThanOrEqual(14);
  });

  it('saves up no more than a hundred', () => {
    for (let call = 0; call < 10_000; call++) budgets.deposit('a', 0.2);
    expect(spendAll()).toBe(105);
  });

  it('is kept for each target apart', () => {
    spendAll('a');
    expect(spendAll('b')).toBe(5);
  });
});
