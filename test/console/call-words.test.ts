import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../console/src/answer/call-figures.ts';
import { trailOf } from '../../console/src/answer/trail.ts';
import { waitingWords } from '../../console/src/answer/waiting.ts';
import type { CallSummary, EndedBody } from '../../console/src/feed/wire.ts';
import { toUsage } from '../../src/protocol/delta.ts';

type Attempt = CallSummary['attempts'][number];

function attempt(number: number, model: string, parts: Partial<Attempt> = {}): Attempt {
  return {
    ...{ number, model, provider: 'p', upstream: model, started_at: '2026-11-24T12:00:00.000Z', ttft_ms: null },
    ...{ duration_ms: 300, rescue: null, failure: null, retry_at: null, dropped_params: [], ...parts },
  };
}

function failed(number: number, model: string, status: number, parts: Partial<Attempt> = {}): Attempt {
  return attempt(number, model, { failure: { kind: 'rate-limited', status, message: 'Slow down.' }, ...parts });
}

function call(attempts: readonly Attempt[], parts: Partial<CallSummary> = {}): CallSummary {
  return {
    ...{ id: 'resp_1', object: 'request', key: 'a', path: '/v1/responses', state: 'completed', model: 'sonar' },
    ...{ provider: 'p', requested_model: 'auto', route: 'auto', stream: true, resumable: false },
    ...{ created_at: '2026-11-24T12:00:00.000Z', age_ms: 3100, ttft_ms: 600, completion_tokens: 412 },
    ...{
      request_bytes: null,
      response_bytes: null,
      usage: null,
      finish_reason: 'stop',
      error: null,
      attempts,
      ...parts,
    },
  } as CallSummary;
}

function ended(parts: Partial<EndedBody> = {}): EndedBody {
  const usage = toUsage({ prompt: 38, completion: 412, cached: 12, reasoning: 310 });
  const bill = {
    status: 200,
    usage_source: 'provider',
    cost_usd: 0.0021,
    cost_source: 'table',
    wasted_tokens: 0,
    wasted_cost_usd: 0,
    attempt_count: 1,
    dropped_params: [],
  } as const;
  return { ...call([attempt(1, 'sonar')], { usage }), ...bill, ...parts };
}

function textsOf(parts: Partial<EndedBody>): readonly string[] {
  return figuresOf(ended(parts)).map(({ text }) => text);
}

describe('the figures under an answer', () => {
  it('are who answered, tokens, cost, times and speed', () => {
    expect(textsOf({})).toEqual(['sonar', '38→412 tokens', '$0.0021', 'TTFT 0.6 s', '3.1 s', '165 tok/s']);
    const hints = new Map(figuresOf(ended()).map(({ name, hint }) => [name, hint]));
    expect(hints.get('tokens')).toBe(
      '38 in, 12 of them cached; 412 out, 310 of them reasoning; counted by the provider',
    );
    expect(hints.get('model')).toBe('Answered by sonar at p; auto was asked');
  });

  it('say which of them are estimates, and that a cost is not known', () => {
    const estimated = textsOf({ usage_source: 'estimate', cost_source: 'estimate' });
    expect(estimated).toEqual(['sonar', '≈38→412 tokens', '≈$0.0021', 'TTFT 0.6 s', '3.1 s', '≈165 tok/s']);
    expect(textsOf({ cost_usd: null, cost_source: null })).toContain('cost –');
    expect(textsOf({ cost_usd: 0 })).toContain('$0');
  });

  it('say why it ended unless it was done, and what was dropped', () => {
    expect(textsOf({ finish_reason: 'length', dropped_params: ['top_k', 'user'] }).slice(-2)).toEqual([
      'length',
      'without top_k, user',
    ]);
  });

  it('leave out what is not known, and a speed that cannot be told', () => {
    expect(textsOf({ usage: null, ttft_ms: null, finish_reason: null })).toEqual(['sonar', '$0.0021', '3.1 s']);
    expect(textsOf({ ttft_ms: 3050 })).not.toContainEqual(expect.stringContaining('tok/s'));
  });
});

describe('the way to an answer', () => {
  it('is told where there was more than one attempt, with alike ones in one step', () => {
    const attempts = [
      failed(1, 'luna', 429),
      failed(2, 'luna', 429),
      failed(3, 'sol', 0, { ttft_ms: 100, duration_ms: 1500 }),
      attempt(4, 'sonar'),
    ];
    expect(trailOf(call(attempts))).toEqual([
      { end: 'failed', model: 'luna', words: '429 ×2, 0.6 s' },
      { end: 'failed', model: 'sol', words: 'broke off, 1.5 s' },
      { end: 'answered', model: 'sonar', words: '' },
    ]);
  });

  it('says of a call that was stopped that it was', () => {
    const attempts = [failed(1, 'luna', 0), attempt(2, 'sonar')];
    expect(trailOf(call(attempts, { state: 'cancelled' }))).toEqual([
      { end: 'failed', model: 'luna', words: 'rate-limited, 0.3 s' },
      { end: 'stopped', model: 'sonar', words: '' },
    ]);
  });

  it('is none where the first one answered', () => {
    expect(trailOf(call([attempt(1, 'sonar')]))).toEqual([]);
    expect(trailOf(call([]))).toEqual([]);
    expect(trailOf(call([failed(1, 'sonar', 500)], { state: 'failed' }))).toHaveLength(1);
  });
});

describe('what the gateway does meanwhile', () => {
  const RETRY = { retry_at: '2026-11-24T12:00:04.300Z' };

  it.each<[string, CallSummary]>([
    ['waiting for auto', call([], { model: 'auto' })],
    ['waiting for luna', call([attempt(1, 'luna')])],
    ['luna: 429, again in 1.2 s', call([failed(1, 'luna', 429, RETRY)])],
    ['luna: 429', call([failed(1, 'luna', 429)])],
    ['luna: rate-limited', call([failed(1, 'luna', 0)])],
    ['luna again, attempt 2', call([failed(1, 'luna', 429, RETRY), attempt(2, 'luna')])],
    ['now sonar', call([failed(1, 'luna', 429), attempt(2, 'sonar')])],
    ['sonar answers', call([attempt(1, 'sonar', { ttft_ms: 600 })])],
  ])('is %j', (words, now) => {
    expect(waitingWords(now)).toBe(words);
  });

  it('never counts below nothing', () => {
    expect(waitingWords(call([failed(1, 'luna', 429, RETRY)], { age_ms: 9000 }))).toBe('luna: 429, again in 0 ms');
  });
});
