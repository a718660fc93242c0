import { type CallSummary, type Summarizable, summarize } from '../calls/summary.ts';
import { toUsage, type Usage } from '../protocol/delta.ts';
import type { AttemptRecord } from '../usage/attempts.ts';
import type { UsageRecord } from '../usage/record.ts';

type EndedAttempt = CallSummary['attempts'][number];

/** An ended call in a list: null is what the log does not keep of it. */
type EndedSummary = Omit<CallSummary, 'requested_model' | 'route' | 'stream' | 'resumable' | 'error' | 'attempts'> & {
  readonly requested_model: string | null;
  readonly route: string | null;
  readonly stream: boolean | null;
  readonly resumable: boolean | null;
  readonly error: { readonly code: string; readonly message: string | null } | null;
  readonly attempts: readonly (Omit<EndedAttempt, 'upstream' | 'dropped_params'> & {
    readonly upstream: string | null;
    readonly dropped_params: readonly string[] | null;
  })[];
};

type Bill = Pick<
  UsageRecord,
  'status' | 'usage_source' | 'cost_usd' | 'cost_source' | 'wasted_tokens' | 'wasted_cost_usd'
> & {
  readonly attempt_count: number;
  /** What was asked for and the one that answered, or failed last, cannot honour. */
  readonly dropped_params: readonly string[];
};

/** An ended call as `GET /v1/requests?state=ended` lists it. */
export type EndedBody = EndedSummary & Bill;

/** An ended call with what it cost. @param recent the same as it is remembered, which says more; undefined once it is not */
export function toEndedBody(record: UsageRecord, recent: Summarizable | undefined): EndedBody {
  const { status, attempts, usage_source, cost_usd, cost_source, wasted_tokens, wasted_cost_usd } = record;
  const summary = recent === undefined ? toSummary(record) : endedSummary(record, recent);
  const spent = { usage_source, cost_usd, cost_source, wasted_tokens, wasted_cost_usd };
  const bill = { status, attempt_count: attempts, ...spent, dropped_params: record.dropped_params ?? [] };
  return { ...summary, ...bill };
}

/** An ended call as it is remembered. Of an answer that was cut short its provider has counted nothing, and the record has what was estimated. */
export function endedSummary(record: RecordedUsage, recent: Summarizable): CallSummary {
  const summary = summarize(recent, recent.endedAt ?? recent.receivedAt);
  return { ...summary, usage: summary.usage ?? usageOf(record) };
}

function toSummary(record: UsageRecord): EndedSummary {
  const failure = record.tries?.findLast(({ message }) => message !== null);
  return {
    id: record.id,
    object: 'request',
    key: record.key,
    ...(record.key_hash === null ? {} : { key_hash: record.key_hash }),
    ...(record.org === null ? {} : { org: record.org }),
    path: record.path,
    // Only what has ended is on record.
    state: record.outcome as EndedSummary['state'],
    model: record.model,
    provider: record.provider,
    requested_model: record.requested_model,
    route: null,
    stream: null,
    resumable: null,
    created_at: new Date(record.created * 1000).toISOString(),
    age_ms: Math.round(record.latency_ms ?? 0),
    ttft_ms: record.ttft_ms === null ? null : Math.round(record.ttft_ms),
    completion_tokens: record.completion_tokens ?? 0,
    request_bytes: record.request_bytes,
    response_bytes: record.response_bytes,
    usage: usageOf(record),
    finish_reason: record.finish_reason,
    error: record.error_code === null ? null : { code: record.error_code, message: failure?.message ?? null },
    attempts: (record.tries ?? []).map(toAttempt),
  };
}

type RecordedUsage = Pick<UsageRecord, 'prompt_tokens' | 'completion_tokens' | 'cached_tokens' | 'reasoning_tokens'>;

function usageOf(record: RecordedUsage): Usage | null {
  const { prompt_tokens: prompt, completion_tokens: completion } = record;
  if (prompt === null || completion === null) return null;
  const details = { cached: record.cached_tokens ?? 0, reasoning: record.reasoning_tokens ?? 0 };
  return toUsage({ prompt, completion, ...details });
}

function toAttempt(tried: AttemptRecord): EndedSummary['attempts'][number] {
  const { number, model, provider, started_ms, ttft_ms, duration_ms, rescue, kind, status, message } = tried;
  return {
    number,
    model,
    provider,
    upstream: null,
    started_at: new Date(started_ms).toISOString(),
    ttft_ms: ttft_ms === null ? null : Math.round(ttft_ms),
    duration_ms: duration_ms === null ? null : Math.round(duration_ms),
    rescue,
    failure: kind === null ? null : { kind, status: status ?? 0, message: message ?? '' },
    retry_at: null,
    dropped_params: null,
  };
}
