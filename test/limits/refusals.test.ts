import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { sendError } from '../../src/http/errors.ts';
import type { Admitted, BudgetHit, LimitHit, Refused, Standing } from '../../src/limits/ledger.ts';
import { toLimitError } from '../../src/limits/limit-errors.ts';
import { limitHeaders } from '../../src/limits/ratelimit-headers.ts';
import { modelScope, type Scope } from '../../src/limits/scope.ts';
import { schemas } from '../support/schemas.ts';
import { KEY, ORG, PARENT, USD } from './ledgers.ts';

const NOTHING: Standing = { requests: null, tokens: null, budgetNano: null };
const BUDGET: BudgetHit = {
  limit: 'budget',
  window: 'day',
  mostNano: 50 * USD,
  spentNano: 49 * USD,
  heldNano: USD,
  askedNano: USD / 20,
  beginsAnewAt: Date.UTC(2026, 10, 29),
};

function refusal(scope: Scope, hit: LimitHit, retryAfterMs: number | null = null, standing = NOTHING): Refused {
  return { outcome: 'refused', scope, hit, retryAfterMs, standing };
}

function admission(standing: Partial<Standing>, alerts: Admitted['alerts'] = []): Admitted {
  return { outcome: 'admitted', nano: 0, standing: { ...NOTHING, ...standing }, alerts };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an error', () => {
  it.each([
    [
      KEY,
      { limit: 'rpm', most: 60 },
      1150,
      429,
      'requests',
      'rate_limit_exceeded',
      'Rate limit of this key reached: 60 requests per minute. Try again in 1.2 s.',
    ],
    [
      ORG,
      { limit: 'tpm', most: 100_000, asked: 8120 },
      3000,
      429,
      'tokens',
      'rate_limit_exceeded',
      'Rate limit of this organisation reached: 100000 tokens per minute, and this request needs about 8120. Try again in 3 s.',
    ],
    [
      modelScope(PARENT, 'm'),
      { limit: 'rpm', most: 0 },
      null,
      429,
      'requests',
      'rate_limit_exceeded',
      "The limit of the parent organisation for 'm' is 0 requests per minute: no call passes. Only its operator can raise it.",
    ],
    [
      KEY,
      { limit: 'tpm', most: 0, asked: 12 },
      null,
      429,
      'tokens',
      'rate_limit_exceeded',
      'The limit of this key is 0 tokens per minute: no call passes. Only its operator can raise it.',
    ],
    [
      ORG,
      { limit: 'concurrency', most: 0 },
      null,
      429,
      'requests',
      'concurrency_limit_exceeded',
      'The limit of this organisation is 0 calls in flight: no call passes. Only its operator can raise it.',
    ],
    [
      KEY,
      { ...BUDGET, mostNano: 0, spentNano: 0, heldNano: 0 },
      null,
      402,
      'insufficient_quota',
      'budget_exceeded',
      'The daily budget of this key is 0 USD: only what costs nothing passes. Only its operator can raise it.',
    ],
    [
      KEY,
      { limit: 'concurrency', most: 10 },
      1000,
      429,
      'requests',
      'concurrency_limit_exceeded',
      'This key may have 10 calls in flight. Try again when one of them has ended.',
    ],
    [
      KEY,
      { limit: 'concurrency', most: 1 },
      1000,
      429,
      'requests',
      'concurrency_limit_exceeded',
      'This key may have 1 call in flight. Try again when it has ended.',
    ],
    [
      KEY,
      { limit: 'rpm', most: 1 },
      60_000,
      429,
      'requests',
      'rate_limit_exceeded',
      'Rate limit of this key reached: 1 request per minute. Try again in 60 s.',
    ],
    [
      KEY,
      { limit: 'tpm', most: 1, asked: 3 },
      60_000,
      429,
      'tokens',
      'rate_limit_exceeded',
      'Rate limit of this key reached: 1 token per minute, and this request needs about 3. Try again in 60 s.',
    ],
    [
      ORG,
      BUDGET,
      null,
      402,
      'insufficient_quota',
      'budget_exceeded',
      'The daily budget of this organisation is used up: 50.00 of 50.00 USD. It begins anew on 2026-11-29T00:00:00Z.',
    ],
    [
      KEY,
      { ...BUDGET, window: 'total', heldNano: 0, beginsAnewAt: null },
      null,
      402,
      'insufficient_quota',
      'budget_exceeded',
      'The budget of this key has too little left: 49.00 of 50.00 USD are used or held by calls in flight, and this request may cost 0.05. Only its operator can raise it.',
    ],
    [
      KEY,
      { limit: 'price' },
      null,
      403,
      'invalid_request_error',
      'price_unknown',
      "The budget of this key is hard, and the price of 'gpt-x' is not known. Ask for a model whose price is listed at GET /v1/models.",
    ],
  ] as const)('of %j for %j', (scope, hit, retryAfterMs, status, type, code, message) => {
    const error = toLimitError(refusal(scope, hit, retryAfterMs), 'gpt-x');
    const { error: body } = error.toBody();
    expect([error.status, body.type, body.code, body.message]).toEqual([status, type, code, message]);
    expect(schemas?.error(error.toBody()) ?? null).toBeNull();
  });

  it('says when to try again', () => {
    expect(toLimitError(refusal(KEY, { limit: 'rpm', most: 60 }, 1150), 'm').retryAfterMs).toBe(1150);
    expect(toLimitError(refusal(KEY, { limit: 'rpm', most: 0 }), 'm').retryAfterMs).toBe(Number.POSITIVE_INFINITY);
    expect(toLimitError(refusal(KEY, BUDGET), 'm').retryAfterMs).toBeNull();
  });
});

describe('a refusal on its way to the client', () => {
  it.each([
    [refusal(ORG, BUDGET), { 'x-should-retry': 'false' }],
    [refusal(KEY, { limit: 'rpm', most: 60 }, 1150), { 'retry-after': '2', 'retry-after-ms': '1150' }],
    [refusal(KEY, { limit: 'concurrency', most: 0 }), { 'x-should-retry': 'false' }],
  ])('says whether and when to try again: %j', async (refused, expected) => {
    const server = createServer((_request, response) => sendError(response, toLimitError(refused, 'm')));
    const address = await listen(server);
    const { headers, status } = await fetch(address);
    server.close();
    const names = ['x-should-retry', 'retry-after', 'retry-after-ms'];
    expect(Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name)]] : [])))).toEqual(
      expected,
    );
    expect(status).toBe(refused.hit.limit === 'budget' ? 402 : 429);
  });
});

describe('headers', () => {
  it('are none without a limit', () => {
    expect(limitHeaders(admission({}))).toEqual({});
  });

  it('say what is left as OpenAI does, and how much money', () => {
    const requests = { limit: 60, remaining: 59, resetMs: 1000, share: 0.98 };
    const tokens = { limit: 150_000, remaining: 149_984, resetMs: 6.4, share: 0.99 };
    expect(limitHeaders(admission({ requests, tokens, budgetNano: 4_200_000_001 }))).toEqual({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '150000',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-tokens': '7ms',
      'x-sluice-budget-remaining': '4.200000001',
    });
  });

  it.each([
    [0, '0s'],
    [119.2, '120ms'],
    [1000, '1s'],
    [8640, '8.64s'],
    [60_000, '1m0s'],
    [360_000, '6m0s'],
    [72_345, '1m12.345s'],
    [3_600_000, '1h0m0s'],
  ])('write %d ms as %s', (resetMs, text) => {
    const requests = { limit: 1, remaining: 0, resetMs, share: 0 };
    expect(limitHeaders(admission({ requests }))['x-ratelimit-reset-requests']).toBe(text);
  });

  it.each([
    [KEY, { limit: 'rpm', most: 1 }, 'key:rpm'],
    [ORG, { limit: 'tpm', most: 1, asked: 2 }, 'org:tpm'],
    [ORG, BUDGET, 'org:budget-day'],
    [PARENT, { limit: 'concurrency', most: 1 }, 'parent:concurrency'],
    [modelScope(KEY, 'm'), { limit: 'rpm', most: 1 }, 'key-model:rpm'],
    [KEY, { limit: 'price' }, 'key:price'],
  ] as const)('say what refused: %j, %j', (scope, hit, name) => {
    const headers = limitHeaders(refusal(scope, hit, 1, { ...NOTHING, budgetNano: -5 }));
    expect(headers).toEqual({ 'x-sluice-limited-by': name, 'x-sluice-budget-remaining': '0.00' });
  });

  it('tell of a soft budget that is used up', () => {
    const alert = { scope: KEY, window: 'day', isFirst: true } as const;
    const told = (level: 'near' | 'exceeded') => limitHeaders(admission({}, [{ ...alert, level }]))['x-sluice-budget'];
    expect([told('near'), told('exceeded')]).toEqual([undefined, 'soft-exceeded']);
  });
});
