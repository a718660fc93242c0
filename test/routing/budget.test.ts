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

describe('the retry budget', () => {
  it('allows a quiet gateway five retries', () => {
    expect(spendAll()).toBe(5);
  });

  it('refills one retry every five seconds, and never more than five', () => {
    spendAll();
    clock.at += 4999;
    expect(spendAll()).toBe(0);
    clock.at += 1;
    expect(spendAll()).toBe(1);
    clock.at += 3_600_000;
    expect(spendAll()).toBe(5);
  });

  it('grows by a share of each call (retry.budget)', () => {
    for (let call = 0; call < 50; call++) budgets.deposit('a', 0.2);
    // Fifty fifths are a hair less than ten.
    expect(spendAll()).toBeGreaterThanOrEqual(14);
  });

  it('saves up no more than a hundred retries', () => {
    for (let call = 0; call < 10_000; call++) budgets.deposit('a', 0.2);
    expect(spendAll()).toBe(105);
  });

  it('is separate for each target', () => {
    spendAll('a');
    expect(spendAll('b')).toBe(5);
  });
});
