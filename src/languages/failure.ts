import type { IncomingHttpHeaders } from 'node:http';
import { type Failure, toFailure } from '../protocol/failure.ts';
import type { FailureKind } from '../protocol/failure-kinds.ts';
import { isRecord, type JsonRecord, numberOf, parseJson, recordOf, recordsOf, stringOf } from '../protocol/json.ts';
import { retryAfterMs } from './retry-after.ts';
import { wrongAddress } from './wrong-address.ts';

/** What all providers say in an error, under one name each. */
interface ProviderError {
  readonly status: number;
  readonly message: string;
  /** `code`, `type`, `error_type`, Google's `status` and `reason`: whichever words were there. */
  readonly words: readonly string[];
  readonly code: string | null;
  readonly param: string | null;
  readonly error: JsonRecord;
}

const MAX_MESSAGE_CHARS = 2000;

/**
 * Why a provider refused, read from its HTTP answer. Bodies may be JSON of any provider's shape, an array around
 * it (Google), HTML or nothing.
 * @param now milliseconds since the epoch
 */
export function failureOf(status: number, headers: IncomingHttpHeaders, body: string, now: number): Failure {
  const parsed = parseJson(body.trim());
  const providerError = complaintOf(status, Array.isArray(parsed) ? parsed[0] : parsed);
  const wrong = wrongAddress({ ...providerError, body });
  if (wrong !== null) return toFailure('wrong-address', wrong, { status });
  return toFailureFrom(providerError, retryAfterMs(headers, providerError.error, now));
}

/**
 * The failure inside an HTTP 200: a body or event with `error`. Its status is what the error itself names;
 * errors of the caller name none but say `invalid_request_error`.
 */
export function failureInside(value: JsonRecord): Failure {
  const error = recordOf(value['error']);
  const code = numberOf(error['code']) ?? numberOf(value['status']);
  const status = code !== null && code >= 400 && code < 600 ? code : statusOfWords(wordsOf(error));
  const providerError = complaintOf(status, value);
  // Without headers there is no date.
  return toFailureFrom(providerError, retryAfterMs({}, providerError.error, 0));
}

function complaintOf(status: number, body: unknown): ProviderError {
  const holder = recordOf(body);
  const error = isRecord(holder['error']) ? holder['error'] : holder;
  const message = stringOf(error['message']) ?? stringOf(holder['error']) ?? stringOf(holder['detail']) ?? '';
  return {
    status,
    message: message.slice(0, MAX_MESSAGE_CHARS),
    words: wordsOf(error),
    code: stringOf(error['code']) ?? stringOf(recordOf(error['metadata'])['error_type']),
    param: stringOf(error['param']),
    error,
  };
}

function wordsOf(error: JsonRecord): string[] {
  const metadata = recordOf(error['metadata']);
  const details = recordsOf(error['details']);
  const availability = recordOf(error['availability']);
  const found = [error['code'], error['type'], error['status'], metadata['error_type'], availability['code']];
  const reasons = details.map((detail) => detail['reason']);
  return [...found, ...reasons].filter((word) => typeof word === 'string').map((word) => word.toLowerCase());
}

const STATUS_OF_WORDS: readonly (readonly [RegExp, number])[] = [
  [/quota|credit|spend_limit|payment/, 429],
  [/rate_limit|slow_down|resource_exhausted/, 429],
  [/overloaded|unavailable/, 503],
  [/authentication|invalid_api_key/, 401],
  [/permission/, 403],
  [/not_found/, 404],
  [/timeout|deadline/, 504],
  [/invalid|context_length|too_long|content_policy|refusal|prompt|_policy$|image|mismatch/, 400],
];

function statusOfWords(words: readonly string[]): number {
  const found = STATUS_OF_WORDS.find(([pattern]) => words.some((word) => pattern.test(word)));
  return found?.[1] ?? 500;
}

function toFailureFrom(providerError: ProviderError, retryAfter: number | null): Failure {
  const kind = kindOf(providerError);
  return toFailure(kind, messageOf(kind, providerError), {
    status: providerError.status,
    retryAfterMs: retryAfter,
    param: providerError.param,
    code: providerError.code,
  });
}

/** Rules in order: the first that holds gives the kind. Sources: each provider's error list and recorded answers. */
const RULES: readonly (readonly [FailureKind, (providerError: ProviderError) => boolean])[] = [
  ['server', ({ words }) => words.includes('chat_completions_not_available')],
  ['quota', isOutOfCredit],
  ['rate-limited', ({ status }) => status === 429],
  ['content-policy', isContentPolicy],
  // The client's own `cached_content` has expired: Google says 403, but no key is to blame.
  ['invalid-request', ({ status, message }) => status === 403 && message.startsWith('CachedContent not found')],
  ['unauthorized', isUnauthorized],
  ['not-found', isUnknownModel],
  ['context-length', isContextLength],
  ['overloaded', ({ status }) => status === 503],
  ['server', ({ status }) => status >= 500 || status === 408 || status === 409 || status === 424 || status === 499],
];

function kindOf(providerError: ProviderError): FailureKind {
  return RULES.find(([, holds]) => holds(providerError))?.[0] ?? 'invalid-request';
}

const MONEY_WORDS = /^(insufficient_quota|credit_balance_exhausted|\w*spend_limit_exceeded|payment_required)$/;

/** A 429 or 402 that waiting does not mend. Google's daily quotas count too: the next try helps tomorrow. */
function isOutOfCredit({ status, words, message, error }: ProviderError): boolean {
  if (status === 402) return true;
  if (words.some((word) => MONEY_WORDS.test(word) || word === 'organization_usage_limit_exceeded')) return true;
  if (status !== 429) return false;
  const violations = recordsOf(error['details']).flatMap((detail) => recordsOf(detail['violations']));
  const isDaily = violations.some((violation) => /PerDay/.test(stringOf(violation['quotaId']) ?? ''));
  return isDaily || /prepayment credits|insufficient (credits|balance|funds)|billing hard limit/i.test(message);
}

/** OpenAI's word for a prompt that its safety system stopped is `invalid_prompt`, which others use for plain mistakes. */
function isContentPolicy({ status, words, message, error }: ProviderError): boolean {
  const isModeration = status === 403 && Array.isArray(recordOf(error['metadata'])['reasons']);
  if (isModeration || (words.includes('invalid_prompt') && /polic|flagged/i.test(message))) return true;
  return words.some((word) =>
    /^(\w*content_policy_violation|(bio|cyber)_policy|content_filter|refusal|moderation\w*)$/.test(word),
  );
}

/** The gateway's own account: its key, its rights, or (Google, HTTP 400) the place it calls from. */
function isUnauthorized({ status, words, message }: ProviderError): boolean {
  if (status === 401 || status === 403 || words.includes('api_key_invalid')) return true;
  return words.includes('failed_precondition') && /location|billing/i.test(message);
}

function isUnknownModel({ status, words, message, param }: ProviderError): boolean {
  // An image that cannot be fetched is a 404 at OpenRouter, too.
  if (status === 404) return !words.some((word) => /^image\w*_not_found$/.test(word));
  if (status !== 400) return false;
  if (words.includes('model_not_found') || words.includes('invalid_model')) return true;
  if (/not a valid model id|invalid model id|unexpected model name format/i.test(message)) return true;
  return param === 'model' && /does not exist/i.test(message);
}

const CONTEXT_WORDS = ['context_length_exceeded', 'too_many_prompt_tokens', 'token_limit_exceeded'];

function isContextLength({ status, words, message }: ProviderError): boolean {
  if (status !== 400 && status !== 413) return false;
  if (words.some((word) => CONTEXT_WORDS.includes(word))) return true;
  return /input token count.*exceeds|maximum context length|exceeds the context window|prompt is too long/i.test(
    message,
  );
}

/** The provider's words, except about its key: those could show part of it, and the caller cannot act on them. */
function messageOf(kind: FailureKind, { status, message, error }: ProviderError): string {
  if (kind === 'unauthorized') {
    return `The provider refused the gateway's own account (HTTP ${status}). The operator has to check its api_key and rights.`;
  }
  const metadata = recordOf(error['metadata']);
  const provider = stringOf(metadata['provider_name']);
  const raw = stringOf(metadata['raw']);
  const said = message || `The provider answered HTTP ${status} without a readable error.`;
  return raw ? `${said}${provider ? ` (${provider})` : ''}: ${raw.slice(0, MAX_MESSAGE_CHARS)}` : said;
}
