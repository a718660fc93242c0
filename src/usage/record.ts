import type { Call, Outcome } from '../calls/call.ts';
import type { Summarizable } from '../calls/summary.ts';
import { type Labels, labelsOf } from '../protocol/labels.ts';
import { toldNames } from '../protocol/told-names.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { RescueWay } from '../routing/rescue.ts';
import { type AttemptRecord, attemptsOf } from './attempts.ts';
import { type Cost, costOf, UNKNOWN } from './cost.ts';

/** One ended call as the usage log keeps it: nothing of its content. */
export interface UsageRecord {
  readonly id: string;
  /** When the call came, in seconds since the epoch. */
  readonly created: number;
  /** Name of the client's key. */
  readonly key: string;
  /** Of a key that was made at run time: its id. Null for one of the file. */
  readonly key_hash: string | null;
  /** The organisation that the call was for. */
  readonly org: string | null;
  /** The one that answered, or was asked last; empty where the request named none that the gateway reads. */
  readonly model: string;
  readonly provider: string | null;
  readonly outcome: Outcome;
  readonly status: number;
  readonly attempts: number;
  /** Tokens of the attempt that answered, or failed last; null where it said nothing. */
  readonly prompt_tokens: number | null;
  readonly cached_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly usage_source: 'provider' | 'estimate' | null;
  readonly cost_usd: number | null;
  readonly cost_source: Cost['source'];
  /** Milliseconds. */
  readonly ttft_ms: number | null;
  readonly latency_ms: number | null;
  readonly finish_reason: string | null;
  readonly error_code: string | null;
  /** What the other attempts spent: it bought no answer. The cost is null when any of it is unknown. */
  readonly wasted_tokens: number;
  readonly wasted_cost_usd: number | null;
  /** `/v1/chat/completions`, or the first part of the path that was passed through, such as `/v1/embeddings`. */
  readonly path: string;
  /** Bytes of the bodies of what was passed through, failed and broken ones included; null for chat. */
  readonly request_bytes: number | null;
  readonly response_bytes: number | null;
  /** How the one that answered, or failed last, took up an answer that had broken off; null where none had. */
  readonly rescue: RescueWay | null;
  /** As the client wrote it, empty where it named none; null in records of an earlier version. */
  readonly requested_model: string | null;
  readonly user: Labels['user'];
  readonly metadata: Labels['metadata'];
  /** What was asked for and the one that answered, or failed last, cannot honour; null where there is nothing, and in records of an earlier version. */
  readonly dropped_params: readonly string[] | null;
  /** Of calls that failed or needed several: kept beside the record, and read only with ended calls. */
  readonly tries?: readonly AttemptRecord[];
}

/** Unlisted models are named by their callers. */
const MAX_NAME = 200;

/** What an ended call comes to: it is billed by the target that answered, or failed last. */
export function toUsageRecord(call: Call): UsageRecord {
  const labels = call.kind === 'translated' ? labelsOf(call.request.origin.body) : call.labels;
  return toRecord(call, call.error?.status ?? call.status, labels);
}

/** The record of a call that has let its content go, and with it what the client said for its books. */
export function toBareRecord(call: Summarizable): UsageRecord {
  return toRecord(call, call.status, labelsOf({}));
}

function toRecord(call: Summarizable, status: number, { user, metadata }: Labels): UsageRecord {
  const billed = call.currentAttempt;
  const usage = billed?.usage ?? null;
  const cost = attemptCost(billed);
  const waste = wasteOf(call.attempts, billed);
  const tries = attemptsOf(call);
  const record: UsageRecord = {
    id: call.id,
    created: Math.floor(call.receivedAt / 1000),
    key: call.key.name,
    key_hash: call.key.hash,
    org: call.key.org,
    model: (billed?.target.facts.model ?? call.requestedModel).slice(0, MAX_NAME),
    provider: billed?.target.provider.name ?? null,
    outcome: call.outcome,
    status,
    attempts: call.attempts.length,
    prompt_tokens: usage?.prompt_tokens ?? null,
    cached_tokens: usage?.prompt_tokens_details['cached_tokens'] ?? null,
    completion_tokens: usage?.completion_tokens ?? null,
    reasoning_tokens: usage?.completion_tokens_details['reasoning_tokens'] ?? null,
    usage_source: usage && (billed?.isEstimated ? 'estimate' : 'provider'),
    cost_usd: toUsd(toNano(cost.usd)),
    cost_source: cost.source,
    ttft_ms: since(call.receivedAt, call.firstTokenAt),
    latency_ms: since(call.receivedAt, call.endedAt),
    finish_reason: call.finishReason,
    error_code: call.error?.code ?? null,
    wasted_tokens: waste.tokens,
    wasted_cost_usd: waste.usd,
    path: call.path,
    request_bytes: call.requestBytes,
    response_bytes: call.responseBytes,
    rescue: billed?.rescue ?? null,
    requested_model: call.requestedModel.slice(0, MAX_NAME),
    user,
    metadata,
    dropped_params: billed === null || billed.dropped.length === 0 ? null : toldNames(billed.dropped),
  };
  return tries === null ? record : { ...record, tries };
}

/** For several who ask of one call, one after the other: its record is made once. */
export function createRecorder(): (call: Call) => UsageRecord {
  // Calls are told apart by their attempts: unlike the call itself, these hold nothing of its content in memory.
  let last: readonly Attempt[] | null = null;
  let record: UsageRecord | null = null;
  return (call) => {
    if (record === null || call.attempts !== last) record = toUsageRecord(call);
    last = call.attempts;
    return record;
  };
}

/** Of the attempt that was asked for last: its settlement and its record ask one after the other, and it takes 2 µs. */
let reckoned: (Pick<Attempt, 'usage' | 'presumedUsd'> & { readonly attempt: Attempt; readonly cost: Cost }) | null =
  null;

/** What one attempt cost; unknown where neither it nor a limit of its key says so. */
export function attemptCost(attempt: Attempt | null): Cost {
  if (attempt === null) return UNKNOWN;
  const { usage, presumedUsd } = attempt;
  const isKnown = reckoned?.attempt === attempt && reckoned.usage === usage && reckoned.presumedUsd === presumedUsd;
  if (reckoned === null || !isKnown) reckoned = { attempt, usage, presumedUsd, cost: reckon(attempt) };
  return reckoned.cost;
}

function reckon({ usage, isEstimated, startedAt: at, target, presumedUsd }: Attempt): Cost {
  const told = usage === null ? UNKNOWN : costOf({ usage, isEstimated, at }, target);
  return told.usd === null && presumedUsd !== null ? { usd: presumedUsd, source: 'estimate' } : told;
}

interface Waste {
  readonly tokens: number;
  readonly usd: number | null;
}

/** What all attempts but the billed one spent. */
function wasteOf(attempts: readonly Attempt[], billed: Attempt | null): Waste {
  let tokens = 0;
  let nano: number | null = 0;
  for (const attempt of attempts) {
    if (attempt === billed || attempt.usage === null) continue;
    tokens += attempt.usage.prompt_tokens + attempt.usage.completion_tokens;
    const cost = toNano(attemptCost(attempt).usd);
    nano = nano === null || cost === null ? null : nano + cost;
  }
  return { tokens, usd: toUsd(nano) };
}

const NANO_PER_USD = 1_000_000_000;

/** Whole nano-USD, attempt by attempt, as budgets count: the sum of the log is what they have spent. */
function toNano(usd: number | null): number | null {
  return usd === null ? null : Math.round(usd * NANO_PER_USD);
}

function toUsd(nano: number | null): number | null {
  return nano === null ? null : nano / NANO_PER_USD;
}

function since(from: number, to: number | null): number | null {
  return to === null ? null : Math.round((to - from) * 10) / 10;
}
