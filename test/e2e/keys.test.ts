import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chatCompletion, chatStream } from '../support/chat-answers.ts';
import { configFor, PROVIDER_KEY, runGateway } from '../support/gateway.ts';
import { runUpstream, type UpstreamAnswer } from '../support/upstream.ts';

const DIGEST = createHash('sha256').update('key-b').digest('hex');
const AUTH =
  `server: { drain: 0ms }\npassthrough: { default: up }\nauth:\n  keys:\n` +
  `    - { name: a, key: key-a }\n    - { name: b, sha256: "${DIGEST}" }`;
const MODES = [
  ['a chat', '/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'Hello' }] }],
  ['a passed request', '/v1/embeddings', { model: 'm', input: 'Hello' }],
] as const;

async function start(answer: UpstreamAnswer = {}) {
  const upstream = await runUpstream(answer);
  const gateway = await runGateway(configFor(upstream.url, AUTH));
  const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(gateway.url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  return { upstream, gateway, post };
}

describe('API keys of clients (auth.keys)', () => {
  it.each(MODES)('are required for %s: 401 invalid_api_key without one', async (_name, path, body) => {
    const { upstream, post } = await start(chatCompletion('Hi'));
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic a2V5LWE=' },
      { 'x-api-key': 'key-a' },
    ]) {
      const response = await post(path, body, headers as Record<string, string>);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key', param: null } });
    }
    expect(upstream.requests).toHaveLength(0);
    for (const key of ['key-a', 'key-b']) {
      expect((await post(path, body, { authorization: `Bearer ${key}` })).status).toBe(200);
    }
  });

  it('are not required for /health and /ready', async () => {
    const { gateway } = await start();
    for (const path of ['/health', '/ready']) expect((await fetch(gateway.url + path)).status).toBe(200);
    for (const path of ['/v1/models', '/v1/unknown']) expect((await fetch(gateway.url + path)).status).toBe(401);
  });
});

describe('private headers', () => {
  const PRIVATE = {
    authorization: 'Bearer key-a',
    cookie: 'session=secret',
    'x-forwarded-for': '10.0.0.1',
    'x-forwarded-host': 'inside',
    forwarded: 'for=10.0.0.1',
    'x-real-ip': '10.0.0.1',
    'x-api-key': 'secret',
    'x-sluice-timeout': '5s',
    'x-request-id': 'private-id',
    'openai-organization': 'org-of-the-client',
  };

  it.each(MODES)('of the client are not forwarded to the provider with %s', async (_name, path, body) => {
    const { upstream, post } = await start(chatCompletion('Hi'));
    expect((await post(path, body, PRIVATE)).status).toBe(200);
    const headers = upstream.requests[0]?.headers ?? {};
    expect(headers.authorization).toBe(`Bearer ${PROVIDER_KEY}`);
    const { authorization: _own, ...unwelcome } = PRIVATE;
    for (const name of Object.keys(unwelcome)) expect(headers).not.toHaveProperty(name);
    expect(JSON.stringify(headers)).not.toMatch(/key-a|secret|10\.0\.0\.1|inside/);
  });

  const OWN = { 'set-cookie': 'provider=secret', server: 'upstream', 'x-internal': 'secret', via: '1.1 inside' };
  it.each(MODES)('of the provider are not forwarded to the client with %s', async (_name, path, body) => {
    const answer = chatCompletion('Hi');
    const { post } = await start({ ...answer, headers: OWN });
    const response = await post(path, body, { authorization: 'Bearer key-a' });
    expect(response.status).toBe(200);
    for (const name of [...Object.keys(OWN), 'x-powered-by']) expect(response.headers.has(name)).toBe(false);
  });
});

describe('the API key of the provider', () => {
  const AUTHORIZATION = { authorization: 'Bearer key-a' };
  const LEAKY = JSON.stringify({ error: { message: `Incorrect API key provided: ${PROVIDER_KEY}`, code: 'x' } });
  const ANSWERS: readonly (readonly [string, UpstreamAnswer, number])[] = [
    ['answers', chatCompletion('Hi'), 200],
    ['refuses the key', { status: 401, body: LEAKY }, 502],
    ['breaks', { status: 500, body: '{}' }, 502],
    ['cuts', { destroyAfterBytes: 0 }, 502],
  ];

  it.each(ANSWERS)('is not leaked when the provider %s', async (_name, answer, status) => {
    const { gateway, post } = await start(answer);
    const response = await post('/v1/chat/completions', MODES[0][2], AUTHORIZATION);
    expect(response.status).toBe(status);
    await expect.poll(() => gateway.log.join()).toContain('"msg":"call"');
    const shown = JSON.stringify([await response.text(), [...response.headers], gateway.log]);
    expect(shown).not.toContain(PROVIDER_KEY);
    expect(shown).not.toContain('key-a');
    expect(gateway.log.join()).toContain('"key":"a"');
    // Nor does what was asked: `log.content` is off.
    expect(gateway.log.join()).not.toContain('Hello');
  });

  it('is not leaked in a stream, in /v1/models and in the log at its most verbose level', async () => {
    const { gateway, post } = await start(chatStream('Hi'));
    const stream = await post('/v1/chat/completions', { ...MODES[0][2], stream: true }, AUTHORIZATION);
    const models = await fetch(`${gateway.url}/v1/models`, { headers: AUTHORIZATION });
    const passed = await post('/v1/embeddings', { model: 'm' }, AUTHORIZATION);
    const texts = await Promise.all([stream, models, passed].map((response) => response.text()));
    await expect.poll(() => gateway.log.join()).toContain('"msg":"call"');
    expect([...texts, ...gateway.log].join()).not.toContain(PROVIDER_KEY);
  });
});
