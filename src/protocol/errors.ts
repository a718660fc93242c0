import type { Failure } from './failure.ts';
import { FAILURE_KINDS } from './failure-kinds.ts';

interface Meaning {
  readonly status: number;
  readonly type: string;
}

/** The one table: what a code means to the client. Types are OpenAI's where it has one. */
export const MEANINGS = {
  invalid_json: { status: 400, type: 'invalid_request_error' },
  invalid_value: { status: 400, type: 'invalid_request_error' },
  invalid_type: { status: 400, type: 'invalid_request_error' },
  missing_required_parameter: { status: 400, type: 'invalid_request_error' },
  unsupported_parameter: { status: 400, type: 'invalid_request_error' },
  invalid_request_error: { status: 400, type: 'invalid_request_error' },
  previous_response_not_found: { status: 400, type: 'invalid_request_error' },
  conversation_locked: { status: 400, type: 'invalid_request_error' },
  thread_too_large: { status: 400, type: 'invalid_request_error' },
  context_length_exceeded: { status: 400, type: 'invalid_request_error' },
  content_policy_violation: { status: 400, type: 'invalid_request_error' },
  wrong_host: { status: 421, type: 'invalid_request_error' },
  origin_not_allowed: { status: 403, type: 'invalid_request_error' },
  invalid_api_key: { status: 401, type: 'invalid_request_error' },
  price_unknown: { status: 403, type: 'invalid_request_error' },
  key_disabled: { status: 401, type: 'invalid_request_error' },
  key_expired: { status: 401, type: 'invalid_request_error' },
  model_not_allowed: { status: 403, type: 'invalid_request_error' },
  org_mismatch: { status: 403, type: 'invalid_request_error' },
  org_required: { status: 403, type: 'invalid_request_error' },
  route_not_allowed: { status: 403, type: 'invalid_request_error' },
  not_found: { status: 404, type: 'invalid_request_error' },
  model_not_found: { status: 404, type: 'invalid_request_error' },
  unknown_url: { status: 404, type: 'invalid_request_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error' },
  request_not_found: { status: 404, type: 'invalid_request_error' },
  key_is_static: { status: 409, type: 'invalid_request_error' },
  org_exists: { status: 409, type: 'invalid_request_error' },
  request_completed: { status: 409, type: 'invalid_request_error' },
  request_not_resumable: { status: 409, type: 'invalid_request_error' },
  stream_expired: { status: 410, type: 'invalid_request_error' },
  request_id_in_use: { status: 409, type: 'invalid_request_error' },
  request_too_large: { status: 413, type: 'invalid_request_error' },
  budget_exceeded: { status: 402, type: 'insufficient_quota' },
  concurrency_limit_exceeded: { status: 429, type: 'requests' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error' },
  insufficient_quota: { status: 429, type: 'insufficient_quota' },
  client_closed: { status: 499, type: 'cancelled' },
  request_cancelled: { status: 499, type: 'cancelled' },
  internal_error: { status: 500, type: 'server_error' },
  upstream_error: { status: 502, type: 'server_error' },
  upstream_unreachable: { status: 502, type: 'server_error' },
  upstream_unauthorized: { status: 502, type: 'server_error' },
  upstream_stream_interrupted: { status: 502, type: 'server_error' },
  upstream_overloaded: { status: 503, type: 'server_error' },
  limits_unavailable: { status: 503, type: 'server_error' },
  keys_unavailable: { status: 503, type: 'server_error' },
  usage_unavailable: { status: 503, type: 'server_error' },
  store_unavailable: { status: 503, type: 'server_error' },
  shutting_down: { status: 503, type: 'server_error' },
  upstream_timeout: { status: 504, type: 'server_error' },
} as const satisfies Record<string, Meaning>;

export type ErrorCode = keyof typeof MEANINGS;

/** OpenAI's error body; all four keys are always present. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

interface ErrorDetails {
  readonly param?: string | null;
  /** Infinite where no later try will help. */
  readonly retryAfterMs?: number | null;
  /** Replaces the table's status, for a provider's status that is kept as it came. */
  readonly status?: number;
  /** Replaces the code in the body, for a finer word of the same meaning; null where OpenAI has no code. */
  readonly bodyCode?: string | null;
  /** Replaces the table's type, where OpenAI tells by it what was too much: `requests`, `tokens`. */
  readonly type?: string;
  readonly cause?: unknown;
}

/** What the client gets. `code` picks status and type from the one table. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly param: string | null;
  /** When another try may help; null where that is not known, infinite where none will. */
  readonly retryAfterMs: number | null;
  readonly #bodyCode: string | null;
  readonly #type: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = details.status ?? MEANINGS[code].status;
    this.param = details.param ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.#bodyCode = details.bodyCode === undefined ? code : details.bodyCode;
    this.#type = details.type ?? MEANINGS[code].type;
  }

  toBody(): ErrorBody {
    return { error: { message: this.message, type: this.#type, param: this.param, code: this.#bodyCode } };
  }
}

/** The client's error for a failure that nothing could mend before the first token. */
export function toGatewayError(failure: Failure, cause?: unknown): GatewayError {
  const { code } = FAILURE_KINDS[failure.kind];
  return new GatewayError(code, failure.message, {
    param: failure.param,
    retryAfterMs: failure.retryAfterMs,
    cause,
    ...(failure.kind === 'invalid-request' && failure.code ? { bodyCode: failure.code } : {}),
    ...(failure.kind === 'quota' && failure.status === 402 ? { status: 402 } : {}),
  });
}

/** The client's error for an answer that had begun and then failed. */
export function toInterruption(failure: Failure, cause?: unknown): GatewayError {
  if (FAILURE_KINDS[failure.kind].speaksForItself) return toGatewayError(failure, cause);
  const message = `The answer broke off: ${failure.message}`;
  return new GatewayError('upstream_stream_interrupted', message, { cause });
}
