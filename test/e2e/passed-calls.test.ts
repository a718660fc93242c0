import { once } from 'node:events';
import { type ClientRequest, request as openRequest } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type JsonRecord, parseJson, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { runDeafHost } from '../support/deaf-host.ts';
import { PROVIDER_KEY, runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer } from '../support/upstream.ts';

/** Far below every deadline that could close it instead; that it is 50 ms is held by `npm run bench -- cancel`, on an idle machine. */
const MAX_CLOSE_MS = 3000;
const JSON_TYPE = { 'content-type': 'application/json' };
const EMBEDDED = JSON.stringify({
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2] }],
  model: 'embed-upstream',
  usage: { prompt_tokens: 500_000, total_tokens: 500_000 },
});

interface Scene {
  readonly upstream: TestUpstream;
  readonly gateway: TestGateway;
  ask(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: object, headers?: Record<string, string>): Promise<Response>;
  /** The newest record of the usage log. */
  record(): Promise<JsonRecord>;
}

function configOf(url: string, rest: string): string {
  return (
    `providers:\n  up: { kind: openai-compatible, base_url: "${url}/v1", api_key: ${PROVIDER_KEY} }\n` +
    'models:\n  embed: { provider: up, upstream: embed-upstream, kind: embedding, prices: [{ input: 0.02, output: 0 }] }\n' +
    `passthrough: { default: up, body_limit: 64kb }\nserver: { drain: 0ms }\n` +
    `usage: { path: "${join(temporaryFolder(), 'usage.db')}" }\n${rest}`
  );
}

async function start(answer: UpstreamAnswer = {}, rest = '', url?: string): Promise<Scene> {
  const upstream = await runUpstream(answer);
  const gateway = await runGateway(configOf(url ?? upstream.url, rest));
  const ask = (path: string, init?: RequestInit) => fetch(gateway.url + path, init);
  return {
    upstream,
    gateway,
    ask,
    post: (path, body, headers = {}) =>
      ask(path, { method: 'POST', body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } }),
    async record() {
      const page = recordOf(await (await ask('/v1/usage/records')).json());
      return recordsOf(page['data'])[0] ?? {};
    },
  };
}

function named(id: string): RequestInit {
  return { headers: { 'x-request-id': id } };
}

async function summary({ ask }: Scene, id: string): Promise<unknown> {
  return (await ask(`/v1/requests/${id}`)).json();
}

/** An upload that goes on until it is ended; the gateway may hang up on it. */
function openUpload({ url }: TestGateway, id = 'upload'): ClientRequest {
  const upload = openRequest(`${url}/v1/files`, { method: 'POST', headers: { 'x-request-id': id } });
  return upload.on('error', () => undefined);
}

function callLine(gateway: TestGateway): JsonRecord {
  const lines = gateway.log.map((line) => recordOf(parseJson(line)));
  return lines.findLast(({ msg }) => msg === 'call') ?? {};
}

describe('a passthrough request is a call', () => {
  it('with x-sluice headers, one usage record with its cost, one log line and its metrics', async () => {
    const { gateway, post, ask, record } = await start({ body: EMBEDDED });
    const body = { model: 'embed', input: 'Hi', user: 'ann' };
    const response = await post('/v1/embeddings', body, { 'x-request-id': 'mine' });
    expect(await response.text()).toBe(EMBEDDED);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-request-id': 'mine',
      'x-sluice-model': 'embed',
      'x-sluice-provider': 'up',
      'x-sluice-attempts': '1',
      'x-sluice-overhead-ms': expect.stringMatching(/^\d+\.\d\d$/),
    });
    const sent = JSON.stringify({ ...body, model: 'embed-upstream' }).length;
    const figures = { request_bytes: sent, response_bytes: EMBEDDED.length, prompt_tokens: 500_000, cost_usd: 0.01 };
    expect(await record()).toMatchObject({
      id: 'mine',
      path: '/v1/embeddings',
      model: 'embed',
      requested_model: 'embed',
      user: 'ann',
      metadata: null,
      provider: 'up',
      outcome: 'completed',
      status: 200,
      attempts: 1,
      usage_source: 'provider',
      cost_source: 'table',
      ...figures,
    });
    const metrics = await (await ask('/metrics')).text();
    const labels = 'path="/v1/embeddings",model="embed",provider="up",status="2xx",outcome="completed"';
    expect(metrics).toContain(`sluice_passthrough_requests_total{${labels}} 1\n`);
    expect(metrics).toContain('sluice_tokens_total{model="embed",provider="up",kind="prompt"} 500000\n');
    expect(metrics).toContain('sluice_cost_usd_total{model="embed",provider="up"} 0.01\n');
    expect(metrics).not.toContain('sluice_calls_total{');
    expect(gateway.log.filter((line) => line.includes('"msg":"call"'))).toHaveLength(1);
    expect(callLine(gateway)).toMatchObject({ id: 'mine', path: '/v1/embeddings', asked: 'embed', ...figures });
    expect(recordOf(await (await ask('/metrics/performance')).json())['calls']).toBe(0);
  });

  it('also without a model: its usage record has an empty model', async () => {
    const { ask, record } = await start({ body: '{"id":"file-1"}' });
    const form = new FormData();
    form.set('file', new Blob(['x'.repeat(1000)]), 'a.txt');
    const response = await ask('/v1/files', { method: 'POST', body: form });
    expect(response.headers.get('x-sluice-provider')).toBe('up');
    expect(response.headers.has('x-sluice-model')).toBe(false);
    await response.text();
    const found = await record();
    expect(found).toMatchObject({ path: '/v1/files', model: '', provider: 'up', cost_usd: null, response_bytes: 15 });
    expect(found['request_bytes']).toBeGreaterThan(1000);
  });

  it('whose provider errors are recorded as failures with the HTTP status of the provider', async () => {
    const { ask, record } = await start({ status: 404, body: '{"error":{"message":"No such file"}}' });
    expect((await ask('/v1/files/none')).status).toBe(404);
    expect(await record()).toMatchObject({ outcome: 'failed', status: 404, error_code: 'invalid_request_error' });
  });

  const RESPONSE = {
    id: 'resp_1',
    usage: { input_tokens: 7, output_tokens: 3, input_tokens_details: { cached_tokens: 2 } },
  };
  const EVENTS = `data: {"type":"x","delta":"\\"usage\\":{\\"input_tokens\\":9}"}\n\ndata: ${JSON.stringify({ type: 'response.completed', response: RESPONSE })}\n\n`;
  it.each<[string, string, UpstreamAnswer, JsonRecord]>([
    [
      'a response',
      '/v1/responses',
      { body: JSON.stringify(RESPONSE) },
      { prompt_tokens: 7, completion_tokens: 3, cached_tokens: 2 },
    ],
    [
      'a stream',
      '/v1/responses',
      { body: EVENTS, headers: { 'content-type': 'text/event-stream' }, pieceBytes: 9 },
      { prompt_tokens: 7, completion_tokens: 3 },
    ],
    [
      'a large answer',
      '/v1/embeddings',
      { body: `{"data":"${'x'.repeat(900_000)}","usage":{"prompt_tokens":5}}` },
      { prompt_tokens: 5, completion_tokens: 0 },
    ],
    [
      'one that says nothing',
      '/v1/embeddings',
      { body: '{"usage":{"type":"duration","seconds":3}}' },
      { prompt_tokens: null, usage_source: null },
    ],
    [
      'one that is compressed unasked',
      '/v1/embeddings',
      { body: gzipSync(EMBEDDED), headers: { 'content-encoding': 'gzip' } },
      { prompt_tokens: null, status: 200 },
    ],
  ])('whose usage (tokens) is read from %s', async (_name, path, answer, expected) => {
    const { post, record, upstream } = await start(answer);
    await (await post(path, { model: 'embed', input: 'Hi' })).text();
    expect(await record()).toMatchObject({ outcome: 'completed', ...expected });
    expect(upstream.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('whose usage is not counted again when its answer is fetched again', async () => {
    const { ask, record } = await start({ body: JSON.stringify(RESPONSE) });
    await (await ask('/v1/responses/resp_1')).text();
    expect(await record()).toMatchObject({ path: '/v1/responses', prompt_tokens: null, usage_source: null });
    await (await ask('/v1/responses/resp_1/cancel', { method: 'POST' })).text();
    expect(await record()).toMatchObject({ prompt_tokens: null });
  });

  it('whose request id is in use while it runs (409 request_id_in_use)', async () => {
    const { ask, upstream } = await start({ isSilent: true });
    const first = ask('/v1/files', named('mine'));
    await upstream.request(1);
    const second = await ask('/v1/files', named('mine'));
    expect([second.status, await second.json()]).toMatchObject([409, { error: { code: 'request_id_in_use' } }]);
    upstream.release();
    expect((await first).status).toBe(200);
  });

  it('that is refused with 503 shutting_down while the gateway drains', async () => {
    const { ask, gateway, upstream } = await start({ isSilent: true }, '');
    const config = gateway.snapshot().config;
    await gateway.reload(() => ({ ...config, server: { ...config.server, drainMs: 60 } }));
    const running = ask('/v1/files');
    await upstream.request(1);
    const stopped = gateway.stop();
    const refused = await ask('/v1/files');
    expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: 'shutting_down' } }]);
    const ended = await running;
    expect([ended.status, await ended.json()]).toMatchObject([503, { error: { code: 'shutting_down' } }]);
    await stopped;
    expect(callLine(gateway)).toMatchObject({ path: '/v1/files', outcome: 'failed', error: 'shutting_down' });
  });
});

describe('DELETE /v1/requests/:id cancels a passthrough request', () => {
  async function cancel({ ask }: Scene, closed: Promise<void>): Promise<void> {
    const startedAt = performance.now();
    const [answer] = await Promise.all([ask('/v1/requests/mine', { method: 'DELETE' }), closed]);
    expect(performance.now() - startedAt).toBeLessThan(MAX_CLOSE_MS);
    expect([answer.status, await answer.json()]).toMatchObject([200, { cancelled: true, path: '/v1/files' }]);
  }

  it('that waits for its answer with 499, and aborts the provider request at once', async () => {
    const scene = await start({ isSilent: true });
    const asked = scene.ask('/v1/files', named('mine'));
    const { closed } = await scene.upstream.request(1);
    const list = recordOf(await (await scene.ask('/v1/requests')).json());
    expect(list['data']).toMatchObject([
      { id: 'mine', path: '/v1/files', state: 'waiting', attempts: [{ number: 1, provider: 'up' }] },
    ]);
    await cancel(scene, closed);
    const response = await asked;
    expect([response.status, await response.json()]).toMatchObject([499, { error: { code: 'request_cancelled' } }]);
    expect(await scene.record()).toMatchObject({ outcome: 'cancelled', status: 499, error_code: 'request_cancelled' });
    const again = await scene.ask('/v1/requests/mine', { method: 'DELETE' });
    expect([again.status, await again.json()]).toMatchObject([200, { state: 'cancelled' }]);
  });

  it('whose answer has begun by breaking the answer off', async () => {
    const scene = await start({ body: 'x'.repeat(2000), stallAfterBytes: 1000 });
    const response = await scene.ask('/v1/files', named('mine'));
    const text = response.text();
    text.catch(() => undefined);
    const [request] = scene.upstream.requests;
    await expect.poll(() => summary(scene, 'mine')).toMatchObject({ response_bytes: 1000 });
    await cancel(scene, request?.closed ?? Promise.resolve());
    await expect(text).rejects.toThrow();
    expect(await scene.record()).toMatchObject({ outcome: 'cancelled', status: 499, response_bytes: 1000 });
  });

  it('whose upload is still being sent with 499, although the rest is not read', async () => {
    const scene = await start();
    const upload = openUpload(scene.gateway, 'mine');
    const answered = once(upload, 'response');
    upload.write('x'.repeat(1000));
    await expect.poll(() => summary(scene, 'mine')).toMatchObject({ request_bytes: 1000 });
    await scene.ask('/v1/requests/mine', { method: 'DELETE' });
    upload.write('x'.repeat(40_000));
    const [response] = await answered;
    expect(response.statusCode).toBe(499);
    upload.end();
    expect(scene.upstream.requests).toHaveLength(0);
  });

  it('of its own key only: another key gets 404', async () => {
    const rest = 'auth: { keys: [{ name: a, key: key-a, admin: true }, { name: b, key: key-b }] }\n';
    const { ask, upstream } = await start({ isSilent: true }, rest);
    const headers = { authorization: 'Bearer key-a', 'x-request-id': 'mine' };
    const asked = ask('/v1/files', { headers });
    await upstream.request(1);
    const other = { headers: { authorization: 'Bearer key-b' } };
    expect((await ask('/v1/requests/mine', { method: 'DELETE', ...other })).status).toBe(404);
    upstream.release();
    expect((await asked).status).toBe(200);
  });
});

describe('a client that disconnects from a passthrough request', () => {
  it('aborts it, and the usage record says client_closed', async () => {
    const { ask, upstream, record, gateway } = await start({ isSilent: true });
    const client = new AbortController();
    const asked = ask('/v1/files', { signal: client.signal }).catch(() => undefined);
    const { closed } = await upstream.request(1);
    client.abort();
    await Promise.all([asked, closed]);
    await expect.poll(async () => (await record())['outcome']).toBe('cancelled');
    expect(await record()).toMatchObject({ status: 499, error_code: 'client_closed' });
    expect(gateway.log.join()).not.toContain('"msg":"bug"');
  });
});

describe('the body of a passthrough request', () => {
  it('gets 413 by its content-length before anything is sent (passthrough.body_limit)', async () => {
    const { ask, upstream } = await start();
    const response = await ask('/v1/files', { method: 'POST', body: 'x'.repeat(65_537) });
    const body: unknown = await response.json();
    expect([response.status, body]).toMatchObject([413, { error: { code: 'request_too_large' } }]);
    expect(JSON.stringify(body)).toContain('passthrough.body_limit');
    expect(upstream.requests).toHaveLength(0);
  });

  it('is counted while it streams: beyond passthrough.body_limit it gets 413, and the provider request is aborted', async () => {
    const { gateway, upstream, record } = await start();
    const upload = openUpload(gateway);
    const answered = once(upload, 'response');
    for (let piece = 0; piece < 20; piece++) upload.write('x'.repeat(10_000));
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    upload.end();
    expect(upstream.requests).toHaveLength(0);
    const found = await record();
    expect(found).toMatchObject({ outcome: 'failed', status: 413, error_code: 'request_too_large' });
    expect(found['request_bytes']).toBeGreaterThan(65_536);
  });

  it('may have exactly passthrough.body_limit bytes', async () => {
    const { ask, upstream } = await start();
    expect((await ask('/v1/files', { method: 'POST', body: 'x'.repeat(65_536) })).status).toBe(200);
    expect(upstream.requests[0]?.headers['content-length']).toBe('65536');
  });

  it('gets 400 for a model name that would break a header', async () => {
    const { post, upstream } = await start();
    for (const model of ['a\r\nb', 'a\u0000b', '\ud800', 'x'.repeat(257)]) {
      const response = await post('/v1/embeddings', { model, input: 'Hi' });
      expect([response.status, await response.json()]).toMatchObject([400, { error: { param: 'model' } }]);
    }
    expect(upstream.requests).toHaveLength(0);
    const response = await post('/v1/embeddings', { model: 'Grüße-模型', input: 'Hi' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sluice-model')).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('the timeouts of a passthrough request', () => {
  it('are timeouts.total', async () => {
    const { ask, upstream, record } = await start(
      { isSilent: true },
      'timeouts: { first_token: 20ms, response: 20ms, total: 120ms }\n',
    );
    const response = await ask('/v1/files');
    expect([response.status, await response.json()]).toMatchObject([504, { error: { code: 'upstream_timeout' } }]);
    await (await upstream.request(1)).closed;
    expect(await record()).toMatchObject({ outcome: 'failed', status: 504 });
  });

  it('are x-sluice-timeout of the client, where it is shorter', async () => {
    const { ask } = await start({ isSilent: true });
    expect((await ask('/v1/files', { headers: { 'x-sluice-timeout': '60ms' } })).status).toBe(504);
  });

  it('are timeouts.idle in an answer that has begun', async () => {
    const { ask, upstream, record } = await start(
      { body: 'x'.repeat(2000), stallAfterBytes: 1000 },
      'timeouts: { idle: 60ms }\n',
    );
    const response = await ask('/v1/files');
    await expect(response.text()).rejects.toThrow();
    await upstream.requests[0]?.closed;
    expect(await record()).toMatchObject({ outcome: 'failed', status: 502, error_code: 'upstream_stream_interrupted' });
  });

  it('are timeouts.connect', async () => {
    const { ask, record } = await start({}, 'timeouts: { connect: 60ms }\n', (await runDeafHost()).url);
    const response = await ask('/v1/files');
    expect([response.status, await response.json()]).toMatchObject([502, { error: { code: 'upstream_unreachable' } }]);
    expect(await record()).toMatchObject({ outcome: 'failed', error_code: 'upstream_unreachable' });
  });

  it('do not run while the client reads slowly', async () => {
    const body = Buffer.alloc(8 * 1024 * 1024, 'x');
    const { ask } = await start({ body, pieceBytes: 1024 * 1024 }, 'timeouts: { idle: 50ms }\n');
    const response = await ask('/v1/files');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await response.arrayBuffer()).byteLength).toBe(body.length);
  });
});

describe('the rate limits of a provider for a passthrough request', () => {
  it.each([402, 403, 429])('do not put a provider key to rest: HTTP %i', async (status) => {
    const { upstream, ask, gateway } = await start({}, '');
    const config = gateway.snapshot().config;
    const provider = config.providers.get('up');
    if (!provider) throw new Error('The provider is missing.');
    const providers = new Map(config.providers).set('up', { ...provider, apiKeys: ['first-key', 'second-key'] });
    await gateway.reload(() => ({ ...config, providers }));
    upstream.answer({ status, body: '{"error":{"message":"Wait."}}', headers: { 'retry-after': '30' } });
    for (let count = 0; count < 2; count++) await (await ask('/v1/files')).text();
    expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first-key',
      'Bearer first-key',
    ]);
  });
});
