import type { UsageRecord } from '../../src/usage/record.ts';
import type { EndedFilter, UsageFilter } from '../../src/usage/store.ts';
import type { UsageEntry } from '../../src/usage/writer.ts';

/** 2026-11-24, 12:00 UTC, in seconds. */
export const NOON = 1_795_521_600;
export const DAY = 86_400;

/** All records. */
export const ALL: UsageFilter = {
  from: null,
  to: null,
  key: null,
  org: null,
  model: null,
  provider: null,
  outcome: null,
};

/** All ended calls. */
export const ALL_ENDED: EndedFilter = {
  ...ALL,
  id: null,
  errorCode: null,
  slowerThanMs: null,
  eitherModel: null,
  isCostUnknown: false,
};

/** The record of a call that was answered at noon for a cent, with what a test wants to be different. */
export function buildRecord(parts: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id: 'call-1',
    created: NOON,
    key: 'team-a',
    key_hash: null,
    org: null,
    model: 'luna',
    provider: 'openai',
    outcome: 'completed',
    status: 200,
    attempts: 1,
    prompt_tokens: 100,
    cached_tokens: 40,
    completion_tokens: 20,
    reasoning_tokens: 5,
    usage_source: 'provider',
    cost_usd: 0.01,
    cost_source: 'table',
    ttft_ms: 120.5,
    latency_ms: 900.2,
    finish_reason: 'stop',
    error_code: null,
    wasted_tokens: 0,
    wasted_cost_usd: 0,
    path: '/v1/chat/completions',
    request_bytes: null,
    response_bytes: null,
    rescue: null,
    requested_model: 'luna',
    user: null,
    metadata: null,
    dropped_params: null,
    ...parts,
  };
}

/** Records with ids `1` to `count`, in this order. */
export function buildRecords(count: number, parts: Partial<UsageRecord> = {}): UsageRecord[] {
  return Array.from({ length: count }, (_, index) => buildRecord({ id: String(index + 1), ...parts }));
}

/** What a call leaves that belongs to no sum. */
export function toEntry(record: UsageRecord): UsageEntry {
  return { record, booking: null };
}
