import type OpenAI from 'openai';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chatCompletion, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, runGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer } from '../support/upstream.ts';
import { asking, collect, DEMO_CONFIG, openaiFor } from './client.ts';

const HELLO = { model: 'm', messages: asking('Hello') };

/** A client of a gateway whose only model `m` is served by the upstream. */
async function connect(first: UpstreamAnswer, options = {}): Promise<{ client: OpenAI; upstream: TestUpstream }> {
  const upstream = await runUpstream(first);
  const gateway = await runGateway(configFor(upstream.url));
  return { client: openaiFor(gateway, options), upstream };
}

async function errorOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('There was no error.');
}

function refusal(status: number, message: string, headers: Record<string, string> = {}): UpstreamAnswer {
  return { status, headers, body: JSON.stringify({ error: { message, type: 'x', param: null, code: null } }) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the OpenAI client throws an error', () => {
  it('with code and param for an invalid request', async () => {
    const { client } = await connect({});
    const error = await errorOf(client.chat.completions.create({ ...HELLO, temperature: 9 }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, param: 'temperature', type: 'invalid_request_error' });
    expect(error).toHaveProperty('requestID', expect.any(String));
  });

  it('with the message of the provider for what the provider refused', async () => {
    const { client } = await connect(refusal(400, 'This picture is no picture.'));
    const error = await errorOf(client.chat.completions.create(HELLO));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toHaveProperty('message', expect.stringContaining('This picture is no picture.'));
  });

  it('AuthenticationError for a wrong API key', async () => {
    const gateway = await runGateway(`${DEMO_CONFIG}auth: { keys: [{ name: me, key: sk-mine }] }\n`);
    const wrong = openaiFor(gateway, { apiKey: 'sk-other' }).chat.completions.create({ ...HELLO, model: 'demo' });
    expect(await errorOf(wrong)).toBeInstanceOf(AuthenticationError);
    const right = openaiFor(gateway, { apiKey: 'sk-mine' }).chat.completions.create({ ...HELLO, model: 'demo' });
    await expect(right).resolves.toHaveProperty('object', 'chat.completion');
  });

  it('NotFoundError for an unknown model', async () => {
    const { client } = await connect({});
    const error = await errorOf(client.chat.completions.create({ ...HELLO, model: 'nobody' }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toHaveProperty('code', 'model_not_found');
  });

  it('RateLimitError (429) with Retry-After', async () => {
    const { client } = await connect(refusal(429, 'Slow down.', { 'retry-after': '7' }));
    const error = await errorOf(client.chat.completions.create(HELLO));
    expect(error).toBeInstanceOf(RateLimitError);
    expect((error as RateLimitError).headers.get('retry-after')).toBe('7');
    expect((error as RateLimitError).headers.get('retry-after-ms')).toBe('7000');
  });

  it.each([
    ['broke', refusal(500, 'Oops.'), 502, 'upstream_error'],
    ['is overloaded', refusal(503, 'Full.'), 503, 'upstream_overloaded'],
    ['hung up', { destroyAfterBytes: 0 }, 502, 'upstream_stream_interrupted'],
  ])('when the provider %s', async (_name, answer, status, code) => {
    const { client } = await connect(answer);
    const error = await errorOf(client.chat.completions.create(HELLO));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ status, code });
  });

  it('in the middle of a stream, after the text before it', async () => {
    const answer = chatStream('Hel', 'lo');
    const { client } = await connect({ ...answer, destroyAfterBytes: firstWordBytes(answer) });
    const stream = await client.chat.completions.create({ ...HELLO, stream: true });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    })();
    const error = await errorOf(reading);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toHaveProperty('code', 'upstream_stream_interrupted');
    expect(text).toBe('Hel');
  });
});

describe('the OpenAI client by itself notices', () => {
  it('a connection error when no gateway listens', async () => {
    const gateway = await runGateway(DEMO_CONFIG);
    const client = openaiFor(gateway);
    await gateway.close();
    expect(await errorOf(client.models.list())).toBeInstanceOf(APIConnectionError);
  });

  it('its own timeout', async () => {
    const { client } = await connect({ isSilent: true }, { timeout: 50 });
    expect(await errorOf(client.chat.completions.create(HELLO))).toBeInstanceOf(APIConnectionTimeoutError);
  });
});

describe('an AbortController of the client', () => {
  it('cancels a waiting call, and aborts the provider request', async () => {
    const { client, upstream } = await connect({ isSilent: true });
    const controller = new AbortController();
    const answer = errorOf(client.chat.completions.create(HELLO, { signal: controller.signal }));
    const request = await upstream.request(1);
    controller.abort();
    expect(await answer).toBeInstanceOf(APIUserAbortError);
    await request.closed;
  });

  it('cancels a stream in its middle, and aborts the provider request', async () => {
    const answer = chatStream('Hel', 'lo');
    const { client, upstream } = await connect({ ...answer, stallAfterBytes: firstWordBytes(answer) });
    const stream = await client.chat.completions.create({ ...HELLO, stream: true });
    let text = '';
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (text === 'Hel') stream.controller.abort();
    }
    expect(text).toBe('Hel');
    await (await upstream.request(1)).closed;
  });

  it('is not needed by a client that just leaves the loop of chunks', async () => {
    const answer = chatStream('Hel', 'lo');
    const { client, upstream } = await connect({ ...answer, stallAfterBytes: firstWordBytes(answer) });
    for await (const chunk of await client.chat.completions.create({ ...HELLO, stream: true })) {
      if (chunk.choices[0]?.delta.content) break;
    }
    await (await upstream.request(1)).closed;
  });
});

describe('maxRetries of the OpenAI client', () => {
  it('waits as long as Retry-After says', async () => {
    const { client, upstream } = await connect({}, { maxRetries: 1 });
    const busy = refusal(429, 'Slow down.', { 'retry-after-ms': '43' });
    upstream.answer((_request, number) => (number === 1 ? busy : chatCompletion('Hello')));
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const answer = await client.chat.completions.create(HELLO);
    expect(answer.choices[0]?.message.content).toBe('Hello');
    expect(timers.mock.calls.map(([, ms]) => ms)).toContain(43);
    expect(upstream.requests).toHaveLength(2);
  });

  it('retries a stream as well, because nothing was sent before the first token', async () => {
    const { client, upstream } = await connect({}, { maxRetries: 1 });
    const busy = refusal(503, 'Full.', { 'retry-after-ms': '5' });
    upstream.answer((_request, number) => (number === 1 ? busy : chatStream('Hel', 'lo')));
    const chunks = await collect(await client.chat.completions.create({ ...HELLO, stream: true }));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello');
  });

  it('does not retry insufficient_quota', async () => {
    const noMoney = { error: { message: 'You exceeded your current quota.', code: 'insufficient_quota', type: 'x' } };
    const { client, upstream } = await connect({ status: 429, body: JSON.stringify(noMoney) }, { maxRetries: 3 });
    const error = await errorOf(client.chat.completions.create(HELLO));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toHaveProperty('code', 'insufficient_quota');
    expect(upstream.requests).toHaveLength(1);
  });
});
