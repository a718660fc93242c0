import { describe, expect, it } from 'vitest';
import { summarize, withoutContent } from '../../src/calls/summary.ts';
import { toUsage } from '../../src/protocol/delta.ts';
import { GatewayError } from '../../src/protocol/errors.ts';
import { addAttempt, BUSY, buildCall } from '../support/calls.ts';

describe('the summary of a call in GET /v1/requests', () => {
  it('shows a call that has no attempt yet', () => {
    expect(summarize(buildCall(), 1234.4)).toEqual({
      id: 'call-1',
      object: 'request',
      key: 'a',
      path: '/v1/chat/completions',
      state: 'waiting',
      model: 'm-alias',
      provider: null,
      requested_model: 'm-alias',
      route: 'model',
      stream: true,
      resumable: false,
      created_at: '1970-01-01T00:00:01.000Z',
      age_ms: 234,
      ttft_ms: null,
      completion_tokens: 0,
      request_bytes: null,
      response_bytes: null,
      usage: null,
      finish_reason: null,
      error: null,
      attempts: [],
    });
  });

  it('shows the current attempt, and every attempt with its failure', () => {
    const call = buildCall();
    addAttempt(call, 1010, BUSY);
    addAttempt(call, 2000);
    expect(summarize(call, 2100)).toMatchObject({
      state: 'waiting',
      model: 'm',
      provider: 'up',
      attempts: [
        {
          number: 1,
          model: 'm',
          provider: 'up',
          upstream: 'm-upstream',
          started_at: '1970-01-01T00:00:01.010Z',
          ttft_ms: null,
          duration_ms: 50,
          failure: { kind: 'rate-limited', message: 'Too many requests.' },
        },
        { number: 2, duration_ms: null, failure: null },
      ],
    });
  });

  it('shows the retry backoff of a call whose attempt failed', () => {
    const call = buildCall();
    addAttempt(call, 1010, BUSY);
    expect(summarize(call, 1100).state).toBe('backing_off');
    expect(summarize(call, 1100).attempts).toMatchObject([{ retry_at: null, dropped_params: [] }]);
  });

  it('shows that a call with a first token streams, and estimates its tokens', () => {
    const call = buildCall();
    addAttempt(call, 1010).firstTokenAt = 1200;
    call.firstTokenAt = 1200.4;
    call.spoken.add('ten chars.');
    expect(summarize(call, 1300)).toMatchObject({
      state: 'streaming',
      ttft_ms: 200,
      completion_tokens: 3,
      usage: null,
    });
  });

  it('shows the usage of the provider where there is one', () => {
    const call = buildCall();
    call.spoken.add('ten chars.');
    call.usage = toUsage({ prompt: 7, completion: 5 });
    expect(summarize(call, 1300)).toMatchObject({ completion_tokens: 5, usage: { total_tokens: 12 } });
  });

  it('estimates completion_tokens of a call in flight as the usage record does: 72 for 100 Chinese characters', () => {
    const call = buildCall();
    call.spoken.add('道'.repeat(100));
    expect(summarize(call, 1300).completion_tokens).toBe(72);
  });

  it.each(['completed', 'failed', 'cancelled'] as const)('stops the duration of one that is %s', (outcome) => {
    const call = buildCall();
    addAttempt(call, 1010, BUSY);
    call.outcome = outcome;
    call.endedAt = 1500;
    expect(summarize(call, 999_999)).toMatchObject({ state: outcome, age_ms: 500 });
  });

  it('shows the error that ended a call', () => {
    const call = buildCall();
    call.outcome = 'failed';
    call.error = new GatewayError('upstream_error', 'It failed.');
    expect(summarize(call, 1500).error).toEqual({ code: 'upstream_error', message: 'It failed.' });
  });

  it('shows no message content', () => {
    const call = buildCall();
    addAttempt(call, 1010);
    expect(JSON.stringify(summarize(call, 1500))).not.toContain('secret');
  });

  it('keeps of an ended call no error object, whose stack holds the request', () => {
    const call = buildCall();
    call.error = new GatewayError('client_closed', 'Gone.');
    expect(withoutContent(call).error).toStrictEqual({ code: 'client_closed', message: 'Gone.' });
    expect(summarize(withoutContent(call), 1100).error).toEqual({ code: 'client_closed', message: 'Gone.' });
  });
});
