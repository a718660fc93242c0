import type { Ask, Ledger, Limits } from '../../src/limits/ledger.ts';
import { createMemoryLedger } from '../../src/limits/memory-ledger.ts';
import type { Scope } from '../../src/limits/scope.ts';

/** Every implementation of the contract, with a clock that the test moves. */
export const LEDGERS: readonly (readonly [string, (clock: () => number) => Ledger])[] = [
  ['memory', createMemoryLedger],
];

/** A Saturday. */
export const START = Date.UTC(2026, 10, 28, 12);
export const USD = 1_000_000_000;
export const KEY: Scope = { id: 'key:a', role: 'key', model: null };
export const ORG: Scope = { id: 'org:acme', role: 'org', model: null };
export const PARENT: Scope = { id: 'org:holding', role: 'parent', model: null };
export const UNLIMITED: Limits = {
  rpm: null,
  tpm: null,
  concurrency: null,
  budget: null,
  burst: 1,
  countsCached: false,
};

/** A budget in USD. */
export function budget(
  on: 'hard' | 'soft',
  limits: Partial<Record<'day' | 'week' | 'month' | 'total', number>>,
  softAt = 0.8,
): NonNullable<Limits['budget']> {
  const nano = (usd: number | undefined): number | null => (usd === undefined ? null : Math.round(usd * USD));
  const { day, week, month, total } = limits;
  return { day: nano(day), week: nano(week), month: nano(month), total: nano(total), on, softAt };
}

export function ask(nano: number, tokens = 0): Ask {
  return { nano, leastNano: nano, tokens };
}
