import {
  ANY_OBJECT,
  COUNT,
  closed,
  each,
  FLAG,
  listOf,
  literal,
  mapOf,
  NUMBER,
  nullable,
  open,
  refTo,
  type SchemaObject,
  TEXT,
  TIME,
} from './schema-object.ts';

const failure = closed({ kind: TEXT, status: COUNT, message: TEXT });
const attempt = (upstream: SchemaObject, dropped_params: SchemaObject): SchemaObject =>
  closed({
    number: COUNT,
    model: TEXT,
    provider: TEXT,
    upstream,
    dropped_params,
    started_at: TIME,
    ...each(['ttft_ms', 'duration_ms'], nullable(NUMBER)),
    rescue: nullable(TEXT),
    failure: nullable(failure),
    retry_at: nullable(TIME),
  });
const SUMMARY = {
  id: TEXT,
  object: literal('request'),
  key: TEXT,
  key_hash: TEXT,
  org: TEXT,
  path: TEXT,
  state: literal('waiting', 'streaming', 'backing_off', 'completed', 'failed', 'cancelled'),
  model: TEXT,
  provider: nullable(TEXT),
  requested_model: TEXT,
  route: TEXT,
  stream: FLAG,
  resumable: FLAG,
  created_at: TIME,
  age_ms: COUNT,
  ttft_ms: nullable(NUMBER),
  completion_tokens: COUNT,
  ...each(['request_bytes', 'response_bytes'], nullable(COUNT)),
  usage: nullable(ANY_OBJECT),
  finish_reason: nullable(TEXT),
  error: nullable(closed({ code: TEXT, message: TEXT })),
  attempts: listOf(attempt(TEXT, listOf(TEXT))),
};
const ENDED = {
  ...SUMMARY,
  ...each(['requested_model', 'route'], nullable(TEXT)),
  ...each(['stream', 'resumable'], nullable(FLAG)),
  error: nullable(closed({ code: TEXT, message: nullable(TEXT) })),
  attempts: listOf(attempt(nullable(TEXT), nullable(listOf(TEXT)))),
  status: COUNT,
  attempt_count: COUNT,
  ...each(['usage_source', 'cost_source'], nullable(TEXT)),
  ...each(['cost_usd', 'wasted_cost_usd'], nullable(NUMBER)),
  wasted_tokens: COUNT,
  dropped_params: listOf(TEXT),
};
const OF_DATABASE = ['key_hash', 'org'];
const percentiles = closed(each(['p50', 'p90', 'p95', 'p99'], nullable(NUMBER)));
const TOTALS = {
  calls: COUNT,
  ttft: percentiles,
  latency: percentiles,
  tokens: closed(each(['prompt', 'completion', 'total'], COUNT)),
  errors: closed({ count: COUNT, rate: nullable(NUMBER) }),
  retries: closed({ count: COUNT }),
};
const goal = closed({ target: NUMBER, value: nullable(NUMBER), passing: FLAG });
const GOALS = ['ttft_p95', 'latency_p50', 'latency_p95', 'error_rate', 'cancel_p95'];
const SUMS = {
  ...each(
    ['calls', 'failed', 'cancelled', 'attempts', 'calls_with_unknown_cost', 'estimated_tokens', 'wasted_tokens'],
    COUNT,
  ),
  ...each(['prompt_tokens', 'cached_tokens', 'completion_tokens', 'reasoning_tokens'], COUNT),
  ...each(['cost_usd', 'estimated_cost_usd', 'wasted_cost_usd'], nullable(NUMBER)),
};
const groups = each(['hour', 'day', 'month', 'key', 'key_hash', 'org', 'model', 'provider', 'outcome'], nullable(TEXT));

/** Calls, what they came to, and how they did. */
export const CALL_SCHEMAS = {
  Call: closed(SUMMARY, OF_DATABASE),
  CancelledCall: closed({ ...SUMMARY, cancelled: { const: true } }, OF_DATABASE),
  EndedCall: closed(ENDED, OF_DATABASE),
  CallList: closed(
    {
      object: literal('list'),
      data: listOf({ anyOf: [refTo('Call'), refTo('EndedCall')] }),
      has_more: FLAG,
      next_cursor: nullable(TEXT),
      source: literal('memory', 'log'),
    },
    ['source'],
  ),
  UsageSums: closed({
    object: literal('usage'),
    ...each(['from', 'to'], nullable(TIME)),
    tz: TEXT,
    group_by: listOf(TEXT),
    total: closed(SUMS),
    data: listOf(closed({ ...groups, ...SUMS }, Object.keys(groups))),
    has_more: FLAG,
  }),
  UsageRecord: closed({
    object: literal('usage.record'),
    ...each(['id', 'key', 'model', 'outcome', 'path'], TEXT),
    ...each(['created', 'status', 'attempts', 'wasted_tokens'], COUNT),
    ...each(
      ['key_hash', 'org', 'provider', 'finish_reason', 'error_code', 'rescue', 'requested_model', 'user'],
      nullable(TEXT),
    ),
    ...each(['prompt_tokens', 'cached_tokens', 'completion_tokens', 'reasoning_tokens'], nullable(COUNT)),
    ...each(['request_bytes', 'response_bytes'], nullable(COUNT)),
    ...each(['usage_source', 'cost_source'], nullable(TEXT)),
    ...each(['cost_usd', 'ttft_ms', 'latency_ms', 'wasted_cost_usd'], nullable(NUMBER)),
    metadata: nullable(mapOf(TEXT)),
    dropped_params: nullable(listOf(TEXT)),
  }),
  UsageRecords: closed({
    object: literal('list'),
    data: listOf(refTo('UsageRecord')),
    has_more: FLAG,
    next_cursor: nullable(TEXT),
  }),
  Performance: closed({
    ...TOTALS,
    by_provider: mapOf(closed(TOTALS)),
    by_model: mapOf(closed(TOTALS)),
    targets: closed({ ...each(GOALS, goal), passing: FLAG }),
  }),
  Health: closed(
    {
      status: literal('ok'),
      version: TEXT,
      uptime_seconds: COUNT,
      ...each(['calls_in_flight', 'breakers_open', 'lost_usage_records'], COUNT),
      performance: closed({ ...TOTALS, targets: closed({ ...each(GOALS, goal), passing: FLAG }) }),
    },
    ['calls_in_flight', 'breakers_open', 'lost_usage_records', 'performance'],
  ),
  Ready: closed({ status: literal('ready', 'stopping') }),
  Choice: closed({
    ...each(['model', 'provider', 'reason', 'route'], TEXT),
    rule: nullable(TEXT),
    candidates: listOf(open({ model: TEXT, chosen: FLAG, skipped: nullable(TEXT) })),
  }),
} as const satisfies Readonly<Record<string, SchemaObject>>;
