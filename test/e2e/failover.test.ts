import { describe, expect, it } from 'vitest';
import { chatCompletion, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { chatError, type FallbackPair, QUICK, runPair } from '../support/fallback-pair.ts';
import { configFor, runGateway } from '../support/gateway.ts';
import { rawAnswer, runRawUpstream } from '../support/raw-upstream.ts';
import { requestsOf } from '../support/requests.ts';
import { checkStream } from '../support/stream-rules.ts';
import { runUpstream, type UpstreamAnswer } from '../support/upstream.ts';

const ANSWER = chatStream('Hel', 'lo');
const SILENT: UpstreamAnswer = { isSilent: true };

/** The text that the caller gets, and who is named as its author. */
async function answerOf({ gateway }: FallbackPair, body: object = {}): Promise<{ text: unknown; model: unknown }> {
  const response = await gateway.chat({ stream: true, ...body });
  expect(response.status).toBe(200);
  const { choices, model } = checkStream(await response.text());
  return { text: choices[0]?.text, model };
}

/** Asks, expects an error, and gives its status, code and attempts. */
async function errorOf({ gateway }: FallbackPair, body: object = {}): Promise<[number, string, string | null]> {
  const response = await gateway.chat(body);
  const { error } = (await response.json()) as { error: { code: string } };
  return [response.status, error.code, response.headers.get('x-sluice-attempts')];
}

describe('a transient failure', () => {
  it.each<[string, UpstreamAnswer]>([
    ['429', chatError(429, 'rate_limit_exceeded', { 'retry-after-ms': '60' })],
    ['500', chatError(500, 'server_error')],
    ['503', chatError(503, 'overloaded')],
    ['408', chatError(408, 'request_timeout')],
    ['a stream cut before its first token', { ...ANSWER, destroyAfterBytes: 0 }],
    ['garbage in place of the first token', { ...ANSWER, body: 'data: {"choi\n\n' }],
    ['an error inside a 200', { body: '{"error":{"message":"later","code":"server_error"}}' }],
    ['an empty answer', chatStream()],
  ])('is retried at the same model: %s', async (_name, failure) => {
    const pair = await runPair();
    pair.primary.answer((_request, number) => (number === 1 ? failure : ANSWER));
    expect(await answerOf(pair)).toEqual({ text: 'Hello', model: 'm' });
    expect(pair.attempts()).toEqual([2, 0]);
  });

  it('says when it is asked again, while the call waits for that', async () => {
    const pair = await runPair();
    pair.primary.answer(chatError(429, 'rate_limit_exceeded', { 'retry-after-ms': '60' }));
    const began = Date.now();
    await pair.gateway.chat({ stream: true }, { headers: { 'x-request-id': 'again' } });
    const { body } = await requestsOf(pair.gateway).one('again');
    const times = body.attempts?.map(({ retry_at: at }) => at && Date.parse(at)) ?? [];
    // The last failure of the first model leads to the other one, which does not fail.
    expect(times).toEqual([expect.any(Number), expect.any(Number), null, null]);
    expect(times[0]).toBeGreaterThanOrEqual(began + 40);
  });

  it('is retried after a connection reset', async () => {
    const upstream = await runRawUpstream((socket) => socket.resetAndDestroy());
    const gateway = await runGateway(
      `providers: { p: { kind: openai-compatible, base_url: "${upstream.url}" } }\nmodels: { m: { provider: p } }\n${QUICK}`,
    );
    const response = await gateway.chat({});
    expect([response.status, await response.json()]).toMatchObject([502, { error: { code: 'upstream_unreachable' } }]);
    expect(upstream.asked).toBe(3);
  });

  it('that lasts fails over to the next model after two retries', async () => {
    const pair = await runPair();
    expect(await answerOf(pair)).toEqual({ text: 'I step in', model: 'other' });
    expect(pair.attempts()).toEqual([3, 1]);
  });

  it('of every model in the fallback chain is reported to the client as the last model reported it', async () => {
    const pair = await runPair();
    pair.fallback.answer(chatError(429, 'rate_limit_exceeded'));
    expect(await errorOf(pair)).toEqual([429, 'rate_limit_exceeded', '6']);
  });

  it('is reported as it was when a fallback only could not take the request', async () => {
    const pair = await runPair();
    pair.fallback.answer(chatError(400, 'unknown_parameter'));
    expect(await errorOf(pair)).toEqual([503, 'upstream_overloaded', '4']);
  });
});

describe('a permanent failure', () => {
  it.each<[string, UpstreamAnswer]>([
    ['spent credit', chatError(429, 'insufficient_quota')],
    ['HTTP 402', chatError(402, 'payment_required')],
    ['a refused key', chatError(401, 'invalid_api_key')],
    ['an unknown model', chatError(404, 'model_not_found')],
    ['a prompt that is too long', chatError(400, 'context_length_exceeded')],
  ])('fails over to the next model without a retry: %s', async (_name, failure) => {
    const pair = await runPair();
    pair.primary.answer(failure);
    expect(await answerOf(pair)).toEqual({ text: 'I step in', model: 'other' });
    expect(pair.attempts()).toEqual([1, 1]);
  });

  it.each<[string, UpstreamAnswer]>([
    ['a silent provider', SILENT],
    ['a head and no token', { ...ANSWER, stallAfterBytes: 0 }],
  ])('fails over to the next model without a retry, as soon as it is known: %s', async (_name, failure) => {
    const pair = await runPair({ m: 'timeouts: { first_token: 500ms }' });
    pair.primary.answer(failure);
    expect(await answerOf(pair)).toEqual({ text: 'I step in', model: 'other' });
    expect(pair.attempts()).toEqual([1, 1]);
  });

  it.each<[string, UpstreamAnswer, number, string]>([
    ['content policy', chatError(400, 'content_policy_violation'), 400, 'content_policy_violation'],
    ['a bad parameter', chatError(400, 'unknown_parameter'), 400, 'unknown_parameter'],
    ['HTTP 422', chatError(422, 'unprocessable'), 400, 'unprocessable'],
  ])(
    'that is caused by the request itself is neither retried nor failed over: %s',
    async (_name, failure, status, code) => {
      const pair = await runPair();
      pair.primary.answer(failure);
      expect(await errorOf(pair)).toEqual([status, code, '1']);
      expect(pair.attempts()).toEqual([1, 0]);
    },
  );

  it.each([
    ['a smaller window', 'context_window: 50', [1, 0]],
    ['the same window', 'context_window: 100', [1, 0]],
    ['a larger window', 'context_window: 200', [1, 1]],
    ['an unknown window', '', [1, 1]],
  ])(
    'of a prompt that is too long (context_length_exceeded) fails over only to a model with a larger context window: %s',
    async (_name, other, attempts) => {
      const pair = await runPair({ m: 'context_window: 100', other });
      pair.primary.answer(chatError(400, 'context_length_exceeded'));
      await pair.gateway.chat({});
      expect(pair.attempts()).toEqual(attempts);
    },
  );
});

describe('Retry-After of the provider', () => {
  it.each<[string, Record<string, string>, object]>([
    ['seconds', { 'retry-after': '0.08' }, {}],
    ['milliseconds', { 'retry-after-ms': '80' }, {}],
    ["Google's RetryInfo", {}, { details: [{ '@type': 'RetryInfo', retryDelay: '0.08s' }] }],
    ["OpenRouter's metadata", {}, { metadata: { retry_after_seconds: 0.08 } }],
  ])('delays the retry: %s', async (_name, headers, error) => {
    const pair = await runPair();
    const busy = { status: 429, headers, body: JSON.stringify({ error: { message: 'slow', ...error } }) };
    pair.primary.answer((_request, number) => (number === 1 ? busy : ANSWER));
    const startedAt = performance.now();
    expect(await answerOf(pair)).toEqual({ text: 'Hello', model: 'm' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(80);
  });

  it('may be an HTTP date', async () => {
    const pair = await runPair();
    const headers = { 'retry-after': 'Wed, 21 Oct 2026 07:28:09 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' };
    pair.primary.answer(chatError(429, 'rate_limit_exceeded', headers));
    const response = await pair.gateway.chat({ fallbacks: [] }, { headers: { 'x-sluice-timeout': '2s' } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '9']);
  });

  it('may be an HTTP date without a date header beside it, which counts from our own clock', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    const upstream = await runRawUpstream((socket) => {
      const lines = ['content-type: application/json', `retry-after: ${inAnHour}`, 'content-length: 2'];
      socket.end(rawAnswer(lines, '{}', '429 Too Many Requests'));
    });
    const gateway = await runGateway(configFor(upstream.url));
    const response = await gateway.chat({});
    expect(response.status).toBe(429);
    // A busy machine may take a minute for the call.
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(3540);
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(3600);
  });

  it('beyond retry.max_delay fails over to the next model at once', async () => {
    const pair = await runPair();
    pair.primary.answer(chatError(429, 'rate_limit_exceeded', { 'retry-after': '30' }));
    expect(await answerOf(pair)).toEqual({ text: 'I step in', model: 'other' });
    expect(pair.attempts()).toEqual([1, 1]);
  });

  it('beyond retry.max_delay is waited for where there is no next model', async () => {
    const pair = await runPair();
    const busy = chatError(429, 'rate_limit_exceeded', { 'retry-after-ms': '300' });
    pair.primary.answer((_request, number) => (number === 1 ? busy : ANSWER));
    const startedAt = performance.now();
    expect(await answerOf(pair, { fallbacks: [] })).toEqual({ text: 'Hello', model: 'm' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(300);
  });

  it('beyond timeouts.total is reported to the client at once', async () => {
    const pair = await runPair();
    pair.primary.answer(chatError(429, 'rate_limit_exceeded', { 'retry-after': '30' }));
    const response = await pair.gateway.chat({ fallbacks: [] }, { headers: { 'x-sluice-timeout': '2s' } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '30']);
    expect(pair.attempts()).toEqual([1, 0]);
  });
});

describe('the fallbacks of a request (fallbacks)', () => {
  it('replace those of the registry', async () => {
    const pair = await runPair({ other: 'aliases: [twin]' });
    expect(await answerOf(pair, { fallbacks: ['twin'] })).toEqual({ text: 'I step in', model: 'other' });
    expect(JSON.stringify(pair.fallback.requests[0]?.body)).not.toContain('fallbacks');
  });

  it('may be an empty list', async () => {
    const pair = await runPair();
    expect(await errorOf(pair, { fallbacks: [] })).toEqual([503, 'upstream_overloaded', '3']);
    expect(pair.attempts()).toEqual([3, 0]);
  });

  it('must be known models', async () => {
    const pair = await runPair();
    const response = await pair.gateway.chat({ fallbacks: ['nobody'] });
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { error: { code: 'model_not_found', param: 'fallbacks' } },
    ]);
    expect(pair.attempts()).toEqual([0, 0]);
  });

  it('are limited to fallback.max_models', async () => {
    const pair = await runPair({ rest: 'fallback: { max_models: 2 }\n' });
    pair.fallback.answer(chatError(404, 'model_not_found'));
    pair.primary.answer(chatError(404, 'model_not_found'));
    await pair.gateway.chat({ fallbacks: ['f/one', 'f/two', 'p/three'] });
    expect(pair.attempts()).toEqual([1, 1]);
  });
});

describe('each attempt (retry or fallback)', () => {
  it('translates the request afresh, and carries no thought signature to another vendor', async () => {
    const [gemini, other] = await Promise.all([runUpstream(chatError(503, 'UNAVAILABLE')), runUpstream()]);
    other.answer(chatCompletion('Hi'));
    const gateway = await runGateway(
      `providers:\n  g: { kind: gemini, base_url: "${gemini.url}", api_key: g-key }\n` +
        `  o: { kind: openai, base_url: "${other.url}", api_key: o-key }\n` +
        `models:\n  m: { provider: g, upstream: gemini-3.8-flash, fallbacks: [n] }\n  n: { provider: o, upstream: gpt-4o }\n${QUICK}`,
    );
    const call = {
      id: 'call_1__thought__c2VjcmV0',
      type: 'function',
      function: { name: 'look', arguments: '{}' },
      extra_content: { google: { thought_signature: 'c2lnbmF0dXJl' } },
    };
    const said = { role: 'assistant', content: null, reasoning_content: 'thoughts', tool_calls: [call] };
    const result = { role: 'tool', tool_call_id: call.id, content: 'seen' };
    const messages = [{ role: 'user', content: 'Look' }, said, result];
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];
    expect((await gateway.chat({ messages, tools })).status).toBe(200);
    expect(JSON.stringify(gemini.requests.map(({ body }) => body))).toContain('c2');
    const sent = JSON.stringify([other.requests[0]?.body, other.requests[0]?.headers]);
    expect(sent).toContain('call_1');
    for (const secret of ['c2VjcmV0', 'c2lnbmF0dXJl', '__thought__', 'extra_content', 'thoughts', 'g-key']) {
      expect(sent).not.toContain(secret);
    }
  });

  it('has its own log line, and x-sluice-attempts counts it', async () => {
    const { gateway } = await runPair();
    const response = await gateway.chat({});
    expect(response.headers.get('x-sluice-attempts')).toBe('4');
    expect(response.headers.get('x-sluice-model')).toBe('other');
    await expect.poll(() => gateway.log.filter((line) => line.includes('"msg":"attempt failed"'))).toHaveLength(3);
  });
});

describe('the first token', () => {
  it('is streamed to the client as soon as the gateway has it, also from a fallback', async () => {
    const pair = await runPair();
    pair.primary.answer(chatError(404, 'model_not_found'));
    pair.fallback.answer({ ...ANSWER, stallAfterBytes: firstWordBytes(ANSWER) });
    const reader = (await pair.gateway.chat({ stream: true })).body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('"content":"Hel"');
    pair.fallback.release();
    await reader?.cancel();
  });
});
