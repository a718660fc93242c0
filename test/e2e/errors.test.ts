import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { openSocket, sendRaw } from '../support/raw-http.ts';
import { schemas } from '../support/schemas.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

let upstream: TestUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await runUpstream();
  const rest = 'server: { body_limit: 300kb, drain: 0ms }\npassthrough: { default: up }';
  gateway = await runGateway(configFor(upstream.url, rest));
});

function post(body: string, headers: Record<string, string> = {}, path = '/v1/chat/completions'): Promise<Response> {
  return fetch(gateway.url + path, { method: 'POST', body, headers });
}

/** Every error of the gateway: OpenAI's envelope, no stack trace, and never a 5xx for what the client did. */
async function errorOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text();
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(schemas?.error(JSON.parse(text)) ?? null).toBeNull();
  expect(text).not.toMatch(/\bat .*\.(ts|js|mjs)|node_modules/);
  expect(response.status).toBeLessThan(500);
  expect(response.headers.get('x-request-id')).toMatch(/./);
  return { status: response.status, ...recordOf(JSON.parse(text).error) };
}

const MESSAGES = '"messages":[{"role":"user","content":"Hello"}]';
const DEEP = 100_000;
const BAD_BODIES: readonly (readonly [string, string, object])[] = [
  ['broken JSON', '{"model":', { status: 400, code: 'invalid_json' }],
  ['no JSON at all', 'hello', { status: 400, code: 'invalid_json' }],
  ['an empty body', '', { status: 400 }],
  ['a list', '[]', { status: 400, code: 'invalid_type' }],
  ['a number', '1', { status: 400, code: 'invalid_type' }],
  ['null', 'null', { status: 400, code: 'invalid_type' }],
  ['no messages', '{"model":"m"}', { status: 400, code: 'missing_required_parameter', param: 'messages' }],
  ['no model', `{${MESSAGES}}`, { status: 400, code: 'missing_required_parameter', param: 'model' }],
  ['messages of a wrong type', '{"model":"m","messages":"hi"}', { status: 400, param: 'messages' }],
  ['a wrong temperature', `{"model":"m",${MESSAGES},"temperature":9}`, { status: 400, param: 'temperature' }],
  [
    'deep nesting',
    `{"model":"m",${MESSAGES},"x":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`,
    { status: 400, code: 'invalid_value' },
  ],
  ['deep nesting that does not end', '['.repeat(DEEP), { status: 400, code: 'invalid_json' }],
  ['a body above the limit', `"${'x'.repeat(310_000)}"`, { status: 413, code: 'request_too_large' }],
];

describe('a bad request to /v1/chat/completions', () => {
  it.each(BAD_BODIES)('with %s is a client error with its code and param', async (_name, body, expected) => {
    expect(await errorOf(await post(body))).toMatchObject(expected);
    expect(upstream.requests).toHaveLength(0);
  });

  it('with stream: true has its HTTP status and a JSON error body too', async () => {
    const response = await post(`{"model":"m","stream":true,"messages":[]}`);
    expect(await errorOf(response)).toMatchObject({ status: 400, code: 'empty_array', param: 'messages' });
  });

  it('for an unknown model gets 404 that suggests the nearest model names', async () => {
    const error = await errorOf(await gateway.chat({ model: 'm-alia' }));
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    expect(error['message']).toContain("'m-alias'");
  });

  it('in an unknown content-encoding, or with damaged compressed bytes, is refused', async () => {
    expect(await errorOf(await post('{}', { 'content-encoding': 'x-own' }))).toMatchObject({ status: 415 });
    expect(await errorOf(await post('no gzip', { 'content-encoding': 'gzip' }))).toMatchObject({ status: 400 });
    const headers = { 'content-type': 'application/json; charset=x-own' };
    expect(await errorOf(await post('{}', headers))).toMatchObject({ status: 415 });
  });

  it('whose client disconnects in the middle of its body is logged as no bug', async () => {
    const socket = openSocket(gateway.url);
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"model"');
    await once(socket, 'ready');
    socket.destroy();
    expect((await gateway.chat({ model: 'none' })).status).toBe(404);
  });
});

describe('a passthrough request', () => {
  it('with invalid JSON gets 400 invalid_json, beyond the body limit 413 request_too_large', async () => {
    const json = { 'content-type': 'application/json' };
    const bad = await errorOf(await post('{"model":', json, '/v1/embeddings'));
    expect(bad).toMatchObject({ status: 400, code: 'invalid_json' });
    const large = await errorOf(await post(`"${'x'.repeat(310_000)}"`, json, '/v1/embeddings'));
    expect(large).toMatchObject({ status: 413, code: 'request_too_large' });
  });

  it('with deeply nested JSON gets 400', async () => {
    const body = `{"model":"m-alias","input":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`;
    const response = await post(body, { 'content-type': 'application/json' }, '/v1/embeddings');
    expect(await errorOf(response)).toMatchObject({ status: 400, code: 'invalid_value' });
  });
});

describe('the path', () => {
  it.each(['/v1', '/v1/unknown', '/chat/completions', '/v1/chat', '/v1/chat/completions/x'])(
    '%s that does not exist gets 404 unknown_url',
    async (path) => {
      expect(await errorOf(await fetch(gateway.url + path))).toMatchObject({ status: 404, code: 'unknown_url' });
    },
  );

  it.each(['/v1/models/%E0%A4%A', '/v1/models/%', '/%', '/v1/chat/completions%'])(
    '%s with invalid percent-encoding is a client error',
    async (path) => {
      const { status, error } = await sendRaw(
        gateway.url,
        `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      );
      expect([400, 404]).toContain(status);
      expect(error).toMatchObject({ type: 'invalid_request_error' });
    },
  );

  it('with a wrong method gets 405 method_not_allowed and an allow header', async () => {
    for (const [method, path, allow] of [
      ['GET', '/v1/chat/completions', 'POST'],
      ['DELETE', '/v1/chat/completions', 'POST'],
      ['POST', '/v1/models', 'GET'],
      ['PUT', '/v1/models/m', 'GET'],
      ['POST', '/health', 'GET'],
      ['DELETE', '/ready', 'GET'],
    ] as const) {
      const response = await fetch(gateway.url + path, { method });
      expect(response.headers.get('allow')).toContain(allow);
      expect(await errorOf(response)).toMatchObject({ status: 405, code: 'method_not_allowed' });
    }
  });
});

describe('malformed HTTP', () => {
  const HEAD = 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n';
  it.each([
    ['garbage', 'GARBAGE\r\n\r\n', 400],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00', 400],
    ['no host', 'GET /v1/unknown HTTP/1.1\r\nconnection: close\r\n\r\n', 404],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a bad content-length', `${HEAD}content-length: abc\r\n\r\n`, 400],
    ['two lengths', `${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`, 400],
    ['a bad chunk', `${HEAD}transfer-encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`, 400],
    ['an unknown expectation', `${HEAD}expect: tea\r\ncontent-length: 2\r\n\r\n{}`, 400],
  ])('such as %s gets a JSON error in the envelope', async (_name, text, status) => {
    const answer = await sendRaw(gateway.url, text);
    expect(answer.status).toBe(status);
    expect(answer.error).toMatchObject({ type: 'invalid_request_error', message: expect.stringMatching(/./) });
  });
});
