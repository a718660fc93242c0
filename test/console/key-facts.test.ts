import { describe, expect, it } from 'vitest';
import type { KeyBody } from '../../console/src/feed/wire.ts';
import { budgetLines, rateWords, rowAfter, sharesOf, stateOf } from '../../console/src/pages/keys/facts.ts';
import {
  keyChange,
  NEW_KEY,
  NEW_ORG,
  newKeyBody,
  newOrgBody,
  orgChange,
  valuesOfKey,
  valuesOfOrg,
} from '../../console/src/pages/keys/form.ts';
import { UNKNOWN_SPENT } from '../../src/http/keys/figures.ts';
import { toKeyData } from '../../src/http/keys/shapes.ts';
import { keptKey } from '../support/kept-key.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const SPENT = { usage: 90, usage_daily: 4, usage_weekly: 12, usage_monthly: 40, held: 0.5 };

/** A key as the gateway tells of it. */
function keyWith(parts: Parameters<typeof keptKey>[0], spent = SPENT): KeyBody {
  return toKeyData(keptKey(parts), spent);
}

describe('the budget of a key', () => {
  it('has a line for each window with a limit, with what was spent in it, and what is held', () => {
    const key = keyWith({ limits: { budgets: { day: 5, total: 100 } } });
    expect(budgetLines(key)).toEqual([
      { window: 'day', limit: 5, isSoft: false, spent: 4, held: 0.5 },
      { window: 'total', limit: 100, isSoft: false, spent: 90, held: 0.5 },
    ]);
  });

  it('takes the smaller of two limits for a window', () => {
    const limits = { limit: 3, limit_reset: 'weekly', budgets: { week: 7, month: 8 } } as const;
    expect(budgetLines(keyWith({ limits })).map(({ window, limit }) => [window, limit])).toEqual([
      ['week', 3],
      ['month', 8],
    ]);
  });

  it('is a soft one only where there is no hard one', () => {
    const soft = { soft_budget: 2, limit_reset: 'daily' } as const;
    expect(budgetLines(keyWith({ limits: soft }))).toMatchObject([{ window: 'day', limit: 2, isSoft: true, spent: 4 }]);
    expect(budgetLines(keyWith({ limits: { ...soft, limit: 9 } }))).toMatchObject([{ limit: 9, isSoft: false }]);
  });

  it('is a soft one where the file says so of it', () => {
    const limits = { budgets: { day: 5 }, budgets_on: 'soft' } as const;
    expect(budgetLines(keyWith({ limits }))).toMatchObject([{ window: 'day', limit: 5, isSoft: true }]);
  });

  it('is not known as nothing where it is not known', () => {
    expect(budgetLines(keyWith({ limits: { limit: 1 } }, UNKNOWN_SPENT as typeof SPENT))).toMatchObject([
      { spent: null },
    ]);
  });

  it.each([
    [
      { limit: 10, spent: 5, held: 1 },
      { spent: 50, held: 10 },
    ],
    [
      { limit: 10, spent: 9.5, held: 3 },
      { spent: 95, held: 5 },
    ],
    [
      { limit: 10, spent: 12, held: 3 },
      { spent: 100, held: 0 },
    ],
    [
      { limit: 0, spent: 0, held: 0 },
      { spent: 100, held: 0 },
    ],
    [
      { limit: 10, spent: null, held: 1 },
      { spent: 0, held: 10 },
    ],
  ])('draws %o as %o', (line, shares) => {
    expect(sharesOf({ window: 'day', isSoft: false, ...line })).toEqual(shares);
  });
});

describe('the limits of a key', () => {
  it('are told in words, and 0 is one', () => {
    const limits = { rpm_limit: 0, tpm_limit: 100_000, model_limits: { a: { rpm_limit: 1 } } };
    expect(rateWords(keyWith({ limits }))).toEqual(['0 requests/min', '100,000 tokens/min', '1 by model']);
    expect(rateWords(keyWith({}))).toEqual([]);
  });
});

describe('the state of a key', () => {
  it.each([
    ['active', {}],
    ['active', { expiresAt: NOW + 1, oldSecretUntil: NOW }],
    ['rotating', { oldSecretUntil: NOW + 1 }],
    ['expired', { expiresAt: NOW, oldSecretUntil: NOW + 1 }],
    ['disabled', { isDisabled: true, expiresAt: NOW }],
  ] as const)('is %s for %o', (state, parts) => {
    expect(stateOf(keyWith(parts), NOW)).toBe(state);
  });
});

describe('the row that has the focus after one was deleted', () => {
  it.each([
    ['the next', ['b'], 'c'],
    ['the one before, where it was the last', ['d'], 'c'],
    ['none of its teams, which are gone as well', ['b', 'c', 'a'], 'd'],
    ['none, where none is left', ['b', 'a', 'c', 'd'], null],
    ['the first, where it was not seen any more', ['x'], 'a'],
  ])('is %s', (_what, gone, id) => {
    const rows = ['a', 'b', 'c', 'd'];
    const at = rowAfter(rows, gone);
    expect(at === null ? null : rows[at]).toBe(id);
  });
});

describe('the form of a key', () => {
  it('makes a body of what was filled in alone', () => {
    expect(newKeyBody({ ...NEW_KEY, name: ' team ' })).toEqual({ name: 'team', kind: 'call' });
    const values = { ...NEW_KEY, name: 'a', org: 'acme', models: 'gpt-*,  demo', day: '0', rpm: '60', parallel: '3' };
    expect(newKeyBody(values)).toEqual({
      ...{ name: 'a', kind: 'call', org_id: 'acme', models: ['gpt-*', 'demo'] },
      ...{ budgets: { day: 0 }, rpm_limit: 60, max_parallel_requests: 3 },
    });
    expect(newOrgBody({ ...NEW_ORG, id: 'acme', total: '5' })).toEqual({ id: 'acme', budgets: { total: 5 } });
  });

  it('changes what was touched, and nothing else', () => {
    const limits = { limit: 3, limit_reset: 'daily', budgets: { month: 9 }, rpm_limit: 5 } as const;
    const key = keyWith({ limits, models: ['demo'], orgId: 'acme', expiresAt: NOW });
    const values = valuesOfKey(key);
    expect(keyChange(key, values)).toEqual({});
    expect(keyChange(key, { ...values, rpm: '', org: '', models: '', expires: '' })).toEqual({
      ...{ rpm_limit: null, org_id: null, models: null, expires_at: null },
    });
    expect(keyChange(key, { ...values, day: '4' })).toEqual({ limit: 4 });
    expect(keyChange(key, { ...values, day: '', month: '' })).toEqual({ limit: null, budgets: { month: null } });
    expect(keyChange(key, { ...values, total: '50' })).toEqual({ budgets: { total: 50 } });
    const twice = keyWith({ limits: { limit: 3, limit_reset: 'daily', budgets: { day: 2 } } });
    expect(keyChange(twice, { ...valuesOfKey(twice), day: '' })).toEqual({ limit: null, budgets: { day: null } });
  });

  it('of an organisation does likewise', () => {
    const org = { ...keyWith({ limits: { limit: 3 } }), id: 'acme', parent_id: null, static: false };
    const values = valuesOfOrg(org);
    expect(orgChange(org, values)).toEqual({});
    expect(orgChange(org, { ...values, name: 'Acme', total: '', isDisabled: true })).toEqual({
      ...{ name: 'Acme', limit: null, disabled: true },
    });
    expect(orgChange(org, { ...values, day: '1' })).toEqual({ budgets: { day: 1 } });
  });

  it('shows a time by the clock of the reader, and tells it as it was meant', () => {
    const key = keyWith({});
    const change = keyChange(key, { ...valuesOfKey(key), expires: '2090-01-31T12:00' });
    expect(change).toEqual({ expires_at: new Date('2090-01-31T12:00').toISOString() });
    expect(valuesOfKey({ ...key, ...change }).expires).toBe('2090-01-31T12:00');
  });
});
