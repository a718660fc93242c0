import { once } from 'node:events';
import { createServer, request as openRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, PROVIDER_KEY, runGateway } from '../support/gateway.ts';
import { sendRaw } from '../support/raw-http.ts';
import { schemas } from '../support/schemas.ts';
import { runUpstream, type UpstreamAnswer } from '../support/upstream.ts';

const REST = 'server: { drain: 0ms, body_limit: 64kb }\npassthrough: { default: up }';
const JSON_TYPE = { 'content-type': 'application/json' };

async function start(answer: UpstreamAnswer = {}) {
  const upstream = await runUpstream(answer);
  const gateway = await runGateway(configFor(upstream.url, REST));
  const { url } = gateway;
  return { upstream, url, ask: (path: string, init?: RequestInit) => fetch(url + path, init) };
}

describe('passthrough', () => {
  it('forwards to the provider of the model, with the model name replaced by the upstream id', async () => {
    const { upstream, ask } = await start({ body: '{"object":"list","data":[]}' });
    const body = JSON.stringify({ model: 'm-alias', input: ['Grüße'], encoding_format: 'float', own: { a: [1] } });
    const response = await ask('/v1/embeddings?x=1', { method: 'POST', body, headers: JSON_TYPE });
    expect([response.status, await response.text()]).toEqual([200, '{"object":"list","data":[]}']);
    const [request] = upstream.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/embeddings?x=1' });
    expect(request?.body).toEqual({ ...JSON.parse(body), model: 'm-upstream' });
    expect(request?.headers.authorization).toBe(`Bearer ${PROVIDER_KEY}`);
  });

  it('leaves the body byte for byte where the model is already the upstream id, or unknown', async () => {
    const { upstream, ask } = await start();
    for (const model of ['m-upstream', 'never-heard-of']) {
      const body = `{ "model" : "${model}",\n "n": 1.0, "big": 12345678901234567890 }`;
      await ask('/v1/moderations', { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
      await ask('/v1/moderations', { method: 'POST', body, headers: JSON_TYPE });
      const lengths = upstream.requests.slice(-2).map(({ headers }) => headers['content-length']);
      expect(lengths).toEqual([String(body.length), String(body.length)]);
    }
  });

  it('forwards a compressed body', async () => {
    const { upstream, ask } = await start();
    const body = new Uint8Array(gzipSync('{"model":"m-alias","input":"Hi"}'));
    await ask('/v1/embeddings', { method: 'POST', body, headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } });
    expect(upstream.requests[0]?.body).toEqual({ model: 'm-upstream', input: 'Hi' });
    expect(upstream.requests[0]?.headers).not.toHaveProperty('content-encoding');
  });

  it.each([
    ['GET', '/v1/files?limit=2&purpose=a%20b'],
    ['GET', '/v1/files/file-1/content'],
    ['DELETE', '/v1/files/file-1'],
    ['POST', '/v1/batches/b/cancel'],
    ['HEAD', '/v1/files'],
  ])('forwards to passthrough.default when the request names no model: %s %s', async (method, path) => {
    const { upstream, ask } = await start({ body: '{"ok":true}', headers: { 'x-ratelimit-limit-requests': '9' } });
    const response = await ask(path, { method });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('9');
    expect(await response.text()).toBe(method === 'HEAD' ? '' : '{"ok":true}');
    expect(upstream.requests[0]).toMatchObject({ method, path });
  });

  it('returns a provider error as it is', async () => {
    const body = '{"error":{"message":"No such file","type":"invalid_request_error","param":"id","code":null}}';
    const { ask } = await start({ status: 404, body });
    const response = await ask('/v1/files/none');
    expect([response.status, await response.text()]).toEqual([404, body]);
  });

  it('streams the answer back, word by word', async () => {
    const answer = chatStream('Hel', 'lo');
    const { upstream, ask } = await start({ ...answer, stallAfterBytes: firstWordBytes(answer) });
    const body = JSON.stringify({ model: 'm', stream: true, prompt: 'Hi' });
    const response = await ask('/v1/completions', { method: 'POST', body, headers: JSON_TYPE });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toContain('Hel');
    upstream.release();
    let rest = '';
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      rest += Buffer.from(read.value).toString();
    }
    expect(rest).toContain('[DONE]');
  });

  it('breaks the answer off for the client when the provider breaks it off', async () => {
    const { ask } = await start({ body: 'x'.repeat(2000), destroyAfterBytes: 1000 });
    const response = await ask('/v1/files/f/content');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it.each([
    '/v1/files/../../admin',
    '/v1/files/%2e%2e/%2E./admin',
    '/v1/files/..%2f..%2fadmin',
    '/v1/files/..\\admin',
    '/v1/files/.',
    '/v1/files/%',
  ])('refuses to leave its path (path traversal): %s', async (path) => {
    const { upstream, url } = await start();
    const answer = await sendRaw(url, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer.error).toMatchObject({ type: 'invalid_request_error' });
    expect([400, 404]).toContain(answer.status);
    expect(upstream.requests).toHaveLength(0);
  });

  it('refuses to choose its host (SSRF)', async () => {
    const { upstream, url } = await start({ headers: { connection: 'close' } });
    const head = 'GET http://elsewhere/v1/files?a=1 HTTP/1.1\r\nhost: elsewhere\r\nconnection: close\r\n\r\n';
    expect((await sendRaw(url, head)).status).toBe(200);
    expect(upstream.requests).toMatchObject([{ path: '/v1/files?a=1', headers: { host: new URL(upstream.url).host } }]);
  });

  it('does not leak the API key of the gateway that the provider echoes', async () => {
    const { ask } = await start({ status: 401, body: `{"error":{"message":"Incorrect key: ${PROVIDER_KEY}"}}` });
    const response = await ask('/v1/files');
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([502, { error: { code: 'upstream_unauthorized' } }]);
    expect(text).not.toContain(PROVIDER_KEY);
  });

  it('answers 502 upstream_unreachable in the envelope when the provider cannot be reached', async () => {
    // The port of discarded data: nobody listens.
    const gateway = await runGateway(configFor('http://127.0.0.1:9', REST));
    for (const init of [{}, { method: 'POST', body: '{"model":"m"}', headers: JSON_TYPE }]) {
      const response = await fetch(`${gateway.url}/v1/files`, init);
      const body: unknown = await response.json();
      expect([response.status, body]).toMatchObject([502, { error: { code: 'upstream_unreachable' } }]);
      expect(schemas?.error(body) ?? null).toBeNull();
    }
  });
});

describe('a passthrough upload', () => {
  /** A provider that keeps every byte. */
  async function startKeeper() {
    const pieces: Buffer[] = [];
    const ended = Promise.withResolvers<Buffer>();
    const arrived = Promise.withResolvers<void>();
    const server = createServer((incoming, response) => {
      incoming.on('data', (piece: Buffer) => {
        pieces.push(piece);
        arrived.resolve();
      });
      incoming.on('end', () => {
        ended.resolve(Buffer.concat(pieces));
        response.end(JSON.stringify(incoming.headers));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    return { url: `http://127.0.0.1:${port}`, ended: ended.promise, arrived: arrived.promise };
  }

  const EXPECTING: readonly Record<string, string>[] = [{}, { expect: '100-continue' }];
  it.each(EXPECTING)(
    'arrives byte for byte, and while it is still being sent, however large (%j)',
    async (expecting) => {
      const keeper = await startKeeper();
      const gateway = await runGateway(configFor(keeper.url, REST));
      const type = 'multipart/form-data; boundary=XX';
      const upload = openRequest(`${gateway.url}/v1/files`, {
        method: 'POST',
        headers: { 'content-type': type, ...expecting },
      });
      const answered = once(upload, 'response');
      const part = Buffer.from('--XX\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n');
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
      upload.write(part);
      await keeper.arrived;
      upload.end(bytes);
      expect((await keeper.ended).equals(Buffer.concat([part, bytes]))).toBe(true);
      const [response] = await answered;
      const text = Buffer.concat(await response.toArray()).toString();
      expect(JSON.parse(text)).toMatchObject({ 'content-type': type, authorization: `Bearer ${PROVIDER_KEY}` });
    },
  );
});
