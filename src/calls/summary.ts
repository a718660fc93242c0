import type { Usage } from '../protocol/delta.ts';
import { toldNames } from '../protocol/told-names.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { RescueWay } from '../routing/rescue.ts';
import type { Call } from './call.ts';

/** What a call is doing; the last three are for good. */
export type CallState = 'waiting' | 'streaming' | 'backing_off' | 'completed' | 'failed' | 'cancelled';

/** A call as its owner sees it. Times are ISO 8601, durations milliseconds. Nothing of its content. */
export interface CallSummary {
  readonly id: string;
  readonly object: 'request';
  readonly key: string;
  /** Of a key that was made at run time. */
  readonly key_hash?: string;
  readonly org?: string;
  readonly path: string;
  readonly state: CallState;
  readonly model: string;
  readonly provider: string | null;
  readonly requested_model: string;
  readonly route: string;
  readonly stream: boolean;
  readonly resumable: boolean;
  readonly created_at: string;
  readonly age_ms: number;
  readonly ttft_ms: number | null;
  /** Tokens of the answer so far: the provider's count where there is one, else an estimate. */
  readonly completion_tokens: number;
  /** Of the bodies so far; null for chat, which is not counted in bytes. */
  readonly request_bytes: number | null;
  readonly response_bytes: number | null;
  readonly usage: Usage | null;
  readonly finish_reason: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly attempts: readonly AttemptSummary[];
}

interface AttemptSummary {
  readonly number: number;
  readonly model: string;
  readonly provider: string;
  readonly upstream: string;
  readonly started_at: string;
  readonly ttft_ms: number | null;
  readonly duration_ms: number | null;
  /** How it took up an answer that had broken off; null where nothing had been said. */
  readonly rescue: RescueWay | null;
  readonly failure: { readonly kind: string; readonly status: number; readonly message: string } | null;
  /** After the failure: when this target is asked again; null where it is not. */
  readonly retry_at: string | null;
  /** What the client asked for and this target cannot honour. */
  readonly dropped_params: readonly string[];
}

/** What a summary is made from; of an ended call nothing more is kept. */
export type Summarizable = Pick<
  Call,
  | 'id'
  | 'key'
  | 'path'
  | 'requestedModel'
  | 'route'
  | 'isStream'
  | 'isResumable'
  | 'receivedAt'
  | 'firstTokenAt'
  | 'endedAt'
  | 'attempts'
  | 'currentAttempt'
  | 'spoken'
  | 'usage'
  | 'finishReason'
  | 'outcome'
  | 'status'
  | 'requestBytes'
  | 'responseBytes'
> & {
  readonly error: CallSummary['error'];
};

/** An ended call without its content. Its summary is made when it is asked for, which is seldom. */
export function withoutContent(call: Call): Summarizable {
  const { error } = call;
  return {
    id: call.id,
    key: call.key,
    path: call.path,
    requestedModel: call.requestedModel,
    route: call.route,
    isStream: call.isStream,
    isResumable: call.isResumable,
    receivedAt: call.receivedAt,
    firstTokenAt: call.firstTokenAt,
    endedAt: call.endedAt,
    attempts: call.attempts,
    currentAttempt: call.currentAttempt,
    spoken: call.spoken,
    usage: call.usage,
    finishReason: call.finishReason,
    outcome: call.outcome,
    status: error?.status ?? call.status,
    requestBytes: call.requestBytes,
    responseBytes: call.responseBytes,
    // Not the error itself: as long as its stack is not read, V8 keeps the frames, and with them the whole request.
    error: error && { code: error.code, message: error.message },
  };
}

/** @param now milliseconds since the epoch */
export function summarize(call: Summarizable, now: number): CallSummary {
  const last = call.currentAttempt;
  return {
    id: call.id,
    object: 'request',
    key: call.key.name,
    ...(call.key.hash === null ? {} : { key_hash: call.key.hash }),
    ...(call.key.org === null ? {} : { org: call.key.org }),
    path: call.path,
    state: stateOf(call, last),
    model: last?.target.facts.model ?? call.requestedModel,
    provider: last?.target.provider.name ?? null,
    requested_model: call.requestedModel,
    route: call.route,
    stream: call.isStream,
    resumable: call.isResumable,
    created_at: new Date(call.receivedAt).toISOString(),
    age_ms: Math.round((call.endedAt ?? now) - call.receivedAt),
    ttft_ms: since(call.receivedAt, call.firstTokenAt),
    completion_tokens: call.usage?.completion_tokens ?? call.spoken.tokens(),
    request_bytes: call.requestBytes,
    response_bytes: call.responseBytes,
    usage: call.usage,
    finish_reason: call.finishReason,
    error: call.error && { code: call.error.code, message: call.error.message },
    attempts: call.attempts.map(summarizeAttempt),
  };
}

function stateOf(call: Summarizable, attempt: Attempt | null): CallState {
  if (call.outcome !== 'running') return call.outcome;
  if (attempt?.failure) return 'backing_off';
  return attempt?.firstTokenAt ? 'streaming' : 'waiting';
}

function summarizeAttempt({
  number,
  target,
  startedAt,
  firstTokenAt,
  endedAt,
  rescue,
  failure,
  retryAt,
  dropped,
}: Attempt): AttemptSummary {
  return {
    number,
    model: target.facts.model,
    provider: target.provider.name,
    upstream: target.facts.upstream,
    started_at: new Date(startedAt).toISOString(),
    ttft_ms: since(startedAt, firstTokenAt),
    duration_ms: since(startedAt, endedAt),
    rescue,
    failure: failure && { kind: failure.kind, status: failure.status, message: failure.message },
    retry_at: retryAt === null ? null : new Date(retryAt).toISOString(),
    dropped_params: toldNames(dropped),
  };
}

function since(from: number, to: number | null): number | null {
  return to === null ? null : Math.round(to - from);
}
