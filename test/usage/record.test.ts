import { describe, expect, it } from 'vitest';
import type { TranslatedCall } from '../../src/calls/call.ts';
import type { PriceEntry } from '../../src/config/schema.ts';
import { toUsage } from '../../src/protocol/delta.ts';
import { GatewayError } from '../../src/protocol/errors.ts';
import { type Attempt, createAttempt } from '../../src/routing/attempt.ts';
import { createRecorder, toUsageRecord } from '../../src/usage/record.ts';
import { BUSY, buildCall } from '../support/calls.ts';

const PRICE: PriceEntry = { input: 1, output: 2 };

/** Adds an attempt on a target with these prices. */
function attempt(call: TranslatedCall, parts: Partial<Attempt>, prices: readonly PriceEntry[] = [PRICE]): void {
  const target = { ...call.plan.targets[0], prices };
  const made = Object.assign(createAttempt(call.attempts.length + 1, target, [], 2000), parts);
  call.attempts.push(made);
  if (!made.isHedge) call.currentAttempt = made;
}

function ended(parts: Partial<TranslatedCall>): TranslatedCall {
  return Object.assign(buildCall(), { endedAt: 2234.56, ...parts });
}

describe('the usage record of a call', () => {
  it('has the tokens and cost of an answered call', () => {
    const call = ended({ outcome: 'completed', firstTokenAt: 1100, finishReason: 'stop' });
    attempt(call, { usage: toUsage({ prompt: 1000, completion: 500, cached: 10, reasoning: 20 }) });
    expect(toUsageRecord(call)).toEqual({
      id: 'call-1',
      created: 1,
      key: 'a',
      key_hash: null,
      org: null,
      model: 'm',
      provider: 'up',
      outcome: 'completed',
      status: 200,
      attempts: 1,
      prompt_tokens: 1000,
      cached_tokens: 10,
      completion_tokens: 500,
      reasoning_tokens: 20,
      usage_source: 'provider',
      cost_usd: 0.002,
      cost_source: 'table',
      ttft_ms: 100,
      latency_ms: 1234.6,
      finish_reason: 'stop',
      error_code: null,
      wasted_tokens: 0,
      wasted_cost_usd: 0,
      path: '/v1/chat/completions',
      request_bytes: null,
      response_bytes: null,
      rescue: null,
      requested_model: 'm-alias',
      user: null,
      metadata: null,
      dropped_params: null,
    });
  });

  it('says what the one that answered could not honour, within bounds', () => {
    const call = ended({ outcome: 'completed' });
    attempt(call, { dropped: ['seed', 'x'.repeat(500), ...Array.from({ length: 100 }, (_name, at) => `p${at}`)] });
    const { dropped_params: dropped } = toUsageRecord(call);
    expect([dropped?.length, dropped?.[0], dropped?.[1]?.length]).toEqual([20, 'seed', 100]);
  });

  it('has an estimate of the tokens of a cancelled call', () => {
    const call = ended({ outcome: 'cancelled', error: new GatewayError('request_cancelled', 'Cancelled.') });
    attempt(call, { usage: toUsage({ prompt: 1000, completion: 5 }), isEstimated: true });
    expect(toUsageRecord(call)).toMatchObject({
      outcome: 'cancelled',
      status: 499,
      error_code: 'request_cancelled',
      completion_tokens: 5,
      usage_source: 'estimate',
      cost_usd: 0.00101,
      cost_source: 'estimate',
      ttft_ms: null,
    });
  });

  it('has the tokens of failed attempts apart (wasted_*)', () => {
    const call = ended({ outcome: 'completed' });
    attempt(call, { failure: BUSY });
    attempt(call, { failure: BUSY, usage: toUsage({ prompt: 1000, completion: 100 }), isEstimated: true });
    attempt(call, { usage: toUsage({ prompt: 10, completion: 10 }) });
    const record = toUsageRecord(call);
    expect(record).toMatchObject({ attempts: 3, prompt_tokens: 10, wasted_tokens: 1100 });
    expect(record.cost_usd).toBeCloseTo(0.00003, 9);
    expect(record.wasted_cost_usd).toBeCloseTo(0.0012, 9);
  });

  it('has costs in whole nano-dollars, attempt by attempt, as budgets count them', () => {
    const call = ended({ outcome: 'completed' });
    const usage = { ...toUsage({ prompt: 1, completion: 0 }), cost: 0.000_000_000_6 };
    for (let count = 0; count < 2; count++) attempt(call, { failure: BUSY, usage });
    attempt(call, { usage });
    expect(toUsageRecord(call)).toMatchObject({ cost_usd: 1e-9, wasted_cost_usd: 2e-9 });
  });

  it('is billed by the attempt that answered, also when another one began later (hedge)', () => {
    const call = ended({ outcome: 'completed' });
    attempt(call, { usage: toUsage({ prompt: 10, completion: 10 }) });
    attempt(call, { isHedge: true, usage: toUsage({ prompt: 10, completion: 1 }), isEstimated: true });
    expect(toUsageRecord(call)).toMatchObject({ completion_tokens: 10, usage_source: 'provider', wasted_tokens: 11 });
  });

  it('has no wasted cost when one price is unknown', () => {
    const call = ended({ outcome: 'completed' });
    attempt(call, { failure: BUSY, usage: toUsage({ prompt: 1000, completion: 0 }) });
    attempt(call, { failure: BUSY, usage: toUsage({ prompt: 1000, completion: 0 }) }, []);
    attempt(call, { usage: toUsage({ prompt: 10, completion: 10 }) });
    expect(toUsageRecord(call)).toMatchObject({ wasted_tokens: 2000, wasted_cost_usd: null });
  });

  it('has no tokens for a call that was refused before any answer', () => {
    const call = ended({ outcome: 'failed', error: new GatewayError('rate_limit_exceeded', 'Busy.') });
    attempt(call, { failure: BUSY });
    const nothing = {
      prompt_tokens: null,
      completion_tokens: null,
      usage_source: null,
      cost_usd: null,
      cost_source: null,
    };
    expect(toUsageRecord(call)).toMatchObject({ status: 429, ...nothing });
  });

  it('exists for a call without an attempt', () => {
    const call = ended({ outcome: 'failed', error: new GatewayError('unsupported_parameter', 'No.') });
    expect(toUsageRecord(call)).toMatchObject({ model: 'm-alias', provider: null, attempts: 0, status: 400 });
  });

  it('has no message content', () => {
    expect(JSON.stringify(toUsageRecord(buildCall()))).not.toContain('secret');
  });
});

it('the usage record is made once for all observers of a call, and anew for the next one', () => {
  const toRecord = createRecorder();
  const [first, second] = [ended({ outcome: 'completed' }), ended({ outcome: 'failed' })];
  expect(toRecord(first)).toBe(toRecord(first));
  expect(toRecord(second)).toEqual(toUsageRecord(second));
  expect(toRecord(first)).toEqual(toUsageRecord(first));
});

describe('the attempts in the usage record', () => {
  it('are kept for a call that needed several, and for one that failed', () => {
    const rescued = ended({ outcome: 'completed' });
    attempt(rescued, { failure: { ...BUSY, message: 'x'.repeat(500) }, endedAt: 2100 });
    attempt(rescued, { firstTokenAt: 2010.26, endedAt: 2200 });
    expect(toUsageRecord(rescued).tries).toMatchObject([
      { number: 1, model: 'm', provider: 'up', started_ms: 2000, duration_ms: 100, kind: 'rate-limited', status: 0 },
      { number: 2, ttft_ms: 10.3, duration_ms: 200, kind: null, status: null, message: null },
    ]);
    expect(toUsageRecord(rescued).tries?.[0]?.message).toHaveLength(300);
    const late = ended({ outcome: 'failed', error: new GatewayError('upstream_timeout', 'Too late.') });
    attempt(late, { isAborted: true });
    expect(toUsageRecord(late).tries).toHaveLength(1);
  });

  it('are not kept for a call that succeeded at once, or was cancelled, or had none', () => {
    for (const outcome of ['completed', 'cancelled'] as const) {
      const call = ended({ outcome });
      attempt(call, {});
      expect(toUsageRecord(call)).not.toHaveProperty('tries');
    }
    expect(toUsageRecord(ended({ outcome: 'failed' }))).not.toHaveProperty('tries');
  });
});
