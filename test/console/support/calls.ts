import type { CallSummary, EndedBody } from '../../../console/src/feed/wire.ts';

/** A call of the key `a` at noon that was answered by `demo`. */
export function buildSummary(facts: Partial<CallSummary> = {}): CallSummary {
  return {
    id: 'call',
    object: 'request',
    key: 'a',
    path: '/v1/chat/completions',
    state: 'completed',
    model: 'demo',
    provider: 'demo',
    requested_model: 'demo',
    route: 'model',
    stream: false,
    resumable: false,
    created_at: '2026-11-29T12:00:00.500Z',
    age_ms: 300,
    ttft_ms: 100,
    completion_tokens: 5,
    request_bytes: null,
    response_bytes: null,
    usage: null,
    finish_reason: 'stop',
    error: null,
    attempts: [],
    ...facts,
  };
}

/** The same, as it is listed after its end. */
export function buildEnded(facts: Partial<EndedBody> = {}): EndedBody {
  const bill = {
    status: 200,
    attempt_count: 1,
    usage_source: 'provider',
    cost_usd: 0,
    cost_source: 'table',
    wasted_tokens: 0,
    wasted_cost_usd: 0,
    dropped_params: [],
  } as const;
  return { ...buildSummary(), ...bill, ...facts };
}
