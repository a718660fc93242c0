import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { failureInside, failureOf } from '../../src/languages/failure.ts';
import { retryAfterMs } from '../../src/languages/retry-after.ts';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';

function of(status: number, error: unknown, headers: IncomingHttpHeaders = {}) {
  return failureOf(status, headers, JSON.stringify({ error }), 0);
}

describe('failureOf', () => {
  const TABLE: readonly (readonly [string, number, unknown, FailureKind])[] = [
    ['a rate limit', 429, { type: 'tokens', code: 'rate_limit_exceeded' }, 'rate-limited'],
    ['OpenAI without credit', 429, { type: 'insufficient_quota', code: 'credit_balance_exhausted' }, 'quota'],
    ["OpenAI's project limit", 429, { type: 'insufficient_quota', code: 'project_spend_limit_exceeded' }, 'quota'],
    ["OpenAI's usage limit", 429, { code: 'organization_usage_limit_exceeded' }, 'quota'],
    ['OpenRouter without credit', 402, { code: 402, message: 'Insufficient credits' }, 'quota'],
    ['Google without credit', 429, { code: 429, message: 'Your prepayment credits are depleted.' }, 'quota'],
    ["Google's daily quota", 429, { details: [{ violations: [{ quotaId: 'RequestsPerDay-Free' }] }] }, 'quota'],
    [
      "Google's quota per minute",
      429,
      { details: [{ violations: [{ quotaId: 'RequestsPerMinute' }] }] },
      'rate-limited',
    ],
    ['an overloaded provider', 503, { message: 'The model is overloaded.' }, 'overloaded'],
    ['a bad gateway', 502, {}, 'server'],
    ['an overloaded back end', 529, {}, 'server'],
    ['a timeout', 504, {}, 'server'],
    ['a request timeout', 408, {}, 'server'],
    ['a conflict', 409, {}, 'server'],
    ['a bad key', 401, { code: 'invalid_api_key' }, 'unauthorized'],
    ["Google's bad key", 400, { status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] }, 'unauthorized'],
    [
      'a forbidden place',
      400,
      { status: 'FAILED_PRECONDITION', message: 'User location is not supported' },
      'unauthorized',
    ],
    ['a forbidden country', 403, { code: 'unsupported_country_region_territory' }, 'unauthorized'],
    ['an unknown model', 404, { code: 'model_not_found' }, 'not-found'],
    [
      'an unknown model, as the Responses API says it',
      400,
      { message: "The requested model 'x' does not exist.", param: 'model' },
      'not-found',
    ],
    ['an unknown model, as OpenRouter says it', 400, { message: 'x is not a valid model ID' }, 'not-found'],
    ['an unknown model, as Perplexity says it', 400, { type: 'invalid_model' }, 'not-found'],
    ['an unknown model, as Google says it', 400, { message: 'unexpected model name format' }, 'not-found'],
    ['an unknown model, as OpenRouter says it', 404, { code: 404, message: 'No endpoints found for x.' }, 'not-found'],
    [
      'an unknown model, as Google says it',
      404,
      { message: 'models/x is not found', status: 'NOT_FOUND' },
      'not-found',
    ],
    ['an unknown path, as OpenAI says it', 404, { message: 'Invalid URL (POST /chat/completions)' }, 'wrong-address'],
    ["llama.cpp's unknown path", 404, { message: 'File Not Found', type: 'not_found_error' }, 'wrong-address'],
    ["Express's unknown path", 404, 'Cannot POST /chat/completions', 'wrong-address'],
    ['a stored answer that is not there', 404, { message: 'resource not found', type: 'not_found' }, 'not-found'],
    ['an image that is not there', 404, { metadata: { error_type: 'image_not_found' } }, 'invalid-request'],
    ['a long prompt', 400, { code: 'context_length_exceeded' }, 'context-length'],
    [
      'a long prompt, as Google says it',
      400,
      { message: 'The input token count (9) exceeds the maximum' },
      'context-length',
    ],
    ['a long prompt, as Perplexity says it', 400, { type: 'too_many_prompt_tokens' }, 'context-length'],
    ['a moderated prompt', 403, { metadata: { reasons: ['violence'], flagged_input: 'x' } }, 'content-policy'],
    ['a forbidden prompt', 400, { metadata: { error_type: 'content_policy_violation' } }, 'content-policy'],
    [
      "OpenAI's flagged prompt",
      400,
      { code: 'invalid_prompt', message: 'It was flagged by our usage policy.' },
      'content-policy',
    ],
    ['any other 400', 400, { code: 'unsupported_parameter', param: 'max_tokens' }, 'invalid-request'],
    ['a body too large', 413, {}, 'invalid-request'],
    ['an entity that makes no sense', 422, {}, 'invalid-request'],
    ["Perplexity's retired endpoint", 403, { type: 'chat_completions_not_available', code: 403 }, 'server'],
  ];

  it.each(TABLE)('recognises %s (%i)', (_, status, error, kind) => {
    expect(of(status, error)).toMatchObject({ kind, status });
  });

  it('keeps message, param and code', () => {
    const error = { message: 'No.', param: 'stop', code: 'unsupported_parameter' };
    expect(of(400, error)).toMatchObject(error);
  });

  it('adds the message of the provider behind OpenRouter', () => {
    const metadata = { provider_name: 'P', raw: '{"detail":"no schema"}' };
    const { message } = of(400, { code: 400, message: 'Provider returned error', metadata });
    expect(message).toBe('Provider returned error (P): {"detail":"no schema"}');
  });

  it("does not leak the provider's message about its API key", () => {
    expect(of(401, { message: 'Incorrect API key provided: sk-abc' }).message).not.toContain('sk-abc');
  });

  it.each(['<html>openresty</html>', '', 'upstream connect error', '[]', 'null', '{"error":null}'])(
    'reads the error body %o',
    (body) => {
      expect(failureOf(500, {}, body, 0)).toMatchObject({
        kind: 'server',
        message: 'The provider answered HTTP 500 without a readable error.',
      });
    },
  );

  it('reads the array that Google wraps around an error, and an error that is a mere text', () => {
    expect(failureOf(503, {}, '[{"error":{"message":"Busy"}}]', 0)).toMatchObject({
      kind: 'overloaded',
      message: 'Busy',
    });
    expect(failureOf(500, {}, '{"error":"Oops"}', 0).message).toBe('Oops');
    expect(failureOf(422, {}, '{"detail":"Field missing"}', 0).message).toBe('Field missing');
  });
});

describe('failureInside (error in a 200 answer)', () => {
  const TABLE: readonly (readonly [unknown, FailureKind])[] = [
    [{ code: 429, message: 'x' }, 'rate-limited'],
    [{ type: 'tokens', code: 'rate_limit_exceeded' }, 'rate-limited'],
    [{ code: 'insufficient_quota' }, 'quota'],
    [{ type: 'server_error' }, 'server'],
    [{ type: 'overloaded_error' }, 'overloaded'],
    [{ type: 'not_found_error' }, 'not-found'],
    [{ type: 'invalid_request_error' }, 'invalid-request'],
    [{ code: 502, message: 'Provider disconnected' }, 'server'],
    ['a mere text', 'server'],
  ];

  it.each(TABLE)('finds in %o the kind %s', (error, kind) => {
    expect(failureInside({ error }).kind).toBe(kind);
  });
});

describe('retryAfterMs (Retry-After)', () => {
  const DATE = 'Fri, 01 Jan 2027 00:00:00 GMT';
  const EPOCH = Date.parse(DATE) / 1000;
  /** Our clock is a minute ahead of the provider's. */
  const NOW = Date.parse(DATE) + 60_000;
  const TABLE: readonly (readonly [string, IncomingHttpHeaders, object, number | null])[] = [
    ['milliseconds before seconds', { 'retry-after-ms': '1500', 'retry-after': '9' }, {}, 1500],
    ['seconds', { 'retry-after': '2' }, {}, 2000],
    ["a date, by the answer's own clock", { 'retry-after': 'Fri, 01 Jan 2027 00:00:05 GMT', date: DATE }, {}, 5000],
    ['a date by our clock where the answer has none', { 'retry-after': 'Fri, 01 Jan 2027 00:01:05 GMT' }, {}, 5000],
    [
      'a date by our clock where that of the answer is none',
      { 'retry-after': 'Fri, 01 Jan 2027 00:01:05 GMT', date: 'now' },
      {},
      5000,
    ],
    ['an epoch by our clock', { 'x-ratelimit-reset': String(EPOCH + 67) }, {}, 7000],
    ['a past date without a date', { 'retry-after': DATE }, {}, 0],
    ['a date that is past', { 'retry-after': 'Thu, 31 Dec 2026 00:00:00 GMT', date: DATE }, {}, 0],
    ["Google's RetryInfo", {}, { details: [{ '@type': 'Help' }, { retryDelay: '34.4s' }] }, 34_400],
    ["OpenRouter's availability", {}, { availability: { retry_after: 3 } }, 3000],
    ["OpenRouter's metadata", {}, { metadata: { retry_after_seconds: 2 } }, 2000],
    [
      "OpenAI's limit that is used up",
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '1m2.5s',
        'x-ratelimit-remaining-tokens': '9',
        'x-ratelimit-reset-tokens': '2h',
      },
      {},
      62_500,
    ],
    ['short durations', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '120ms' }, {}, 120],
    ["Perplexity's epoch in seconds", { 'x-ratelimit-reset': String(EPOCH + 7), date: DATE }, {}, 7000],
    ["OpenRouter's epoch in milliseconds", { 'x-ratelimit-reset': String((EPOCH + 7) * 1000), date: DATE }, {}, 7000],
    ['nothing at all', {}, {}, null],
    ['words', { 'retry-after': 'soon' }, {}, null],
    ['a number that is no time', { 'retry-after': '1e300' }, {}, 86_400_000],
    ['a number without end', { 'retry-after-ms': '9'.repeat(400) }, {}, null],
    ['a duration without end', {}, { details: [{ retryDelay: `${'9'.repeat(400)}s` }] }, 86_400_000],
    ['a date in another age', { 'retry-after': 'Fri, 31 Dec 9999 00:00:00 GMT', date: DATE }, {}, 86_400_000],
    ['a time before now', { 'retry-after': '-1' }, {}, 0],
    ['no number', { 'retry-after': 'NaN' }, {}, null],
  ];

  it.each(TABLE)('reads %s', (_, headers, error, expected) => {
    expect(retryAfterMs(headers, { ...error }, NOW)).toBe(expected);
  });
});
