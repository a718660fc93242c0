import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { asking, openaiFor } from '../clients/client.ts';
import { chatCompletion, chatStream } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { exchangeRaw, openSocket, sendRaw } from '../support/raw-http.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const CHAT = JSON.stringify({ model: 'm', messages: asking('Hello') });
const PATHS = ['/v1/chat/completions', '/v1/files', '/v1/router/choose', '/v1/nowhere'];
const EVIL = { origin: 'https://evil.example' };
const APP = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' };

let upstream: TestUpstream;

beforeEach(async () => {
  upstream = await runUpstream(chatCompletion('Hi'));
});

function start(server = '', rest = ''): Promise<TestGateway> {
  return runGateway(configFor(upstream.url, `server: { drain: 0ms${server} }\npassthrough: { default: up }\n${rest}`));
}

function startWithApp(): Promise<TestGateway> {
  return start(', origins: [https://app.example]');
}

function post(gateway: TestGateway, headers: Record<string, string>, path = PATHS[0], body = CHAT): Promise<Response> {
  return fetch(gateway.url + path, { method: 'POST', headers: { 'content-type': 'text/plain', ...headers }, body });
}

describe('a cross-origin web page (CSRF)', () => {
  it.each(PATHS)('spends and reads nothing: %s', async (path) => {
    const gateway = await start();
    for (const headers of [EVIL, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
      const response = await post(gateway, headers, path);
      expect(response.status).toBe(403);
      expect(response.headers.get('x-request-id')).toMatch(/./);
      expect(response.headers.has('access-control-allow-origin')).toBe(false);
      const error = { type: 'invalid_request_error', param: null, code: 'origin_not_allowed' };
      expect(await response.json()).toMatchObject({ error });
    }
    expect(upstream.requests).toHaveLength(0);
  });

  it('is refused by its origin with an API key as well, before the key is looked at', async () => {
    const gateway = await start('', 'auth: { keys: [{ name: a, key: a-long-enough-key }] }');
    for (const authorization of ['Bearer a-long-enough-key', 'Bearer wrong'])
      expect((await post(gateway, { ...EVIL, authorization })).status).toBe(403);
    expect(upstream.requests).toHaveLength(0);
  });

  it('gets no CORS preflight, and learns no more than that the gateway is ready', async () => {
    const gateway = await start();
    const headers = { ...EVIL, 'access-control-request-method': 'POST' };
    expect((await fetch(gateway.url + PATHS[0], { method: 'OPTIONS', headers })).status).toBe(403);
    expect((await fetch(`${gateway.url}/ready`, { headers: EVIL })).status).toBe(200);
    expect((await fetch(`${gateway.url}/health`, { headers: EVIL })).status).toBe(403);
  });

  it('gets 403 before its body is read, and the keep-alive connection goes on', async () => {
    const gateway = await start();
    const half = 'x'.repeat(4 * 1024 * 1024);
    const socket = openSocket(gateway.url).setEncoding('utf8');
    const head = `POST /v1/files HTTP/1.1\r\nhost: x\r\norigin: https://evil.example\r\n`;
    socket.write(`${head}content-length: ${half.length * 2}\r\n\r\n${half}`);
    const [first] = await once(socket, 'data');
    expect(first).toMatch(/^HTTP\/1\.1 403 /);
    socket.write(`${half}GET /ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    const [second] = await once(socket, 'data');
    expect(second).toMatch(/^HTTP\/1\.1 200 OK/);
    await once(socket, 'end');
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('the host header (DNS rebinding)', () => {
  const get = (target: string, host: string): string =>
    `GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;

  it.each([
    ['/v1/models', 'evil.example'],
    ['/v1/requests', 'evil.example:8080'],
    ['/v1/files', 'evil.example'],
    ['/metrics', 'evil.example'],
    ['http://evil.example/v1/models', 'localhost'],
    ['http://localhost/v1/models', 'evil.example'],
  ])('of a foreign host gets 421 wrong_host where there are no API keys: %s of %s', async (target, host) => {
    const gateway = await start();
    const answer = await sendRaw(gateway.url, get(target, host));
    expect([answer.status, answer.error]).toMatchObject([421, { type: 'invalid_request_error', code: 'wrong_host' }]);
    expect(upstream.requests).toHaveLength(0);
  });

  it('is accepted once it is in server.hosts, and where API keys are required', async () => {
    const named = await start(', hosts: [gw.example]');
    const keyed = await start('', 'auth: { keys: [{ name: a, key: a-long-enough-key }] }');
    expect((await sendRaw(named.url, get('/v1/models', 'gw.example'))).status).toBe(200);
    expect((await sendRaw(named.url, get('http://gw.example/v1/models', 'gw.example'))).status).toBe(200);
    expect((await sendRaw(named.url, get('/v1/models', 'evil.example'))).status).toBe(421);
    expect((await sendRaw(keyed.url, get('/v1/models', 'evil.example'))).status).toBe(401);
  });

  it.each(['gateway', 'gateway:8080', 'localhost:1', '127.0.0.1:1', '[::1]:1'])(
    'is accepted when it is %s',
    async (host) => {
      const gateway = await start();
      expect((await sendRaw(gateway.url, get('/v1/models', host))).status).toBe(200);
    },
  );

  it('cannot be missing in a browser, but may be missing in HTTP/1.0', async () => {
    const gateway = await start();
    expect((await sendRaw(gateway.url, 'GET /v1/models HTTP/1.0\r\n\r\n')).status).toBe(200);
  });
});

describe('neither the CORS check nor the host check refuses', () => {
  it('a page of the gateway itself (same origin), and an address that a user typed', async () => {
    const gateway = await start();
    const own = { origin: gateway.url, 'sec-fetch-site': 'same-origin' };
    const response = await post(gateway, own);
    expect(response.status).toBe(200);
    expect(response.headers.has('access-control-allow-origin')).toBe(false);
    expect((await fetch(`${gateway.url}/v1/models`, { headers: { 'sec-fetch-site': 'none' } })).status).toBe(200);
  });

  it('the OpenAI client', async () => {
    const gateway = await start();
    const answer = await openaiFor(gateway).chat.completions.create({ model: 'm', messages: asking('Hello') });
    expect(answer.choices[0]?.message.content).toBe('Hi');
  });

  it('a program without an origin header, and its answer has no CORS headers', async () => {
    const gateway = await startWithApp();
    const answer = await exchangeRaw(
      gateway.url,
      `POST ${PATHS[0]} HTTP/1.1\r\nhost: gateway\r\ncontent-length: ${CHAT.length}\r\nconnection: close\r\n\r\n${CHAT}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toMatch(/access-control|vary/i);
  });
});

describe('an allowed CORS origin of server.origins', () => {
  it('gets its preflight answered, without an API key', async () => {
    const gateway = await start(
      ', origins: [https://app.example]',
      'auth: { keys: [{ name: a, key: a-long-enough-key }] }',
    );
    const asked = 'authorization,Content-Type, x-stainless-os,x-sluice-strict,b@d,,x-\xff';
    const response = await fetch(gateway.url + PATHS[0], {
      method: 'OPTIONS',
      headers: { ...APP, 'access-control-request-method': 'POST', 'access-control-request-headers': asked },
    });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': 'authorization, content-type, x-stainless-os, x-sluice-strict',
      'access-control-max-age': expect.stringMatching(/^\d+$/),
      vary: 'Origin',
    });
  });

  it('may read every answer: whole, streamed, an error, passthrough', async () => {
    const gateway = await startWithApp();
    const body = JSON.stringify({ model: 'm', stream: true, messages: asking('Hello') });
    const answers = [
      await post(gateway, APP),
      await post(gateway, APP, '/v1/chat/completions', '{'),
      await post(gateway, APP, '/v1/embeddings'),
      await post(gateway, APP, '/v1/nowhere'),
      await fetch(`${gateway.url}/ready`, { headers: APP }),
    ];
    upstream.answer(chatStream('Hi'));
    answers.push(await post(gateway, APP, '/v1/chat/completions', body));
    answers.push(await post(gateway, { ...APP, 'x-sluice-resumable': 'true' }, '/v1/chat/completions', body));
    upstream.answer({ ...chatStream('Hi'), destroyAfterBytes: 0 });
    answers.push(await post(gateway, APP, '/v1/chat/completions', body));
    upstream.answer({ status: 400, body: '{"error":{"message":"No."}}' });
    answers.push(await post(gateway, APP, '/v1/embeddings'));
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 200, 404, 200, 200, 200, 502, 400]);
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(headers.get('access-control-expose-headers')).toMatch(/x-request-id.*x-sluice-model.*retry-after/);
      expect(headers.get('vary')).toBe('Origin');
    }
  });

  it('allows no other origin', async () => {
    const gateway = await startWithApp();
    for (const origin of [
      'http://app.example',
      'https://app.example:8443',
      'https://app.example, https://evil.example',
    ])
      expect((await post(gateway, { origin })).status).toBe(403);
  });

  it('is allowed as soon as a configuration reload says so', async () => {
    const gateway = await start();
    expect((await post(gateway, APP)).status).toBe(403);
    const { config } = gateway.snapshot();
    await gateway.reload(() => ({ ...config, server: { ...config.server, origins: ['https://app.example'] } }));
    expect((await post(gateway, APP)).status).toBe(200);
  });
});
