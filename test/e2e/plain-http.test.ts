import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { chatCompletion } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { exchangeRaw, openSocket, sendRaw } from '../support/raw-http.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const CHAT = '{"model":"m","messages":[{"role":"user","content":"Hello"}]}';

let upstream: TestUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await runUpstream(chatCompletion('Hi'));
  gateway = await runGateway(configFor(upstream.url, 'server: { drain: 0ms }\npassthrough: { default: up }'));
});

/** Everything that comes back of one request: the statuses of all answers, and their text. */
async function statusesOf(text: string): Promise<[number[], string]> {
  const answer = await exchangeRaw(gateway.url, text);
  return [[...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)), answer];
}

describe('HTTP methods', () => {
  it.each(['TRACE', 'PROPFIND', 'OPTIONS', 'LINK', 'M-SEARCH', 'QUERY'])(
    'such as %s are not allowed on any path',
    async (method) => {
      for (const path of ['/v1/files', '/v1/chat/completions', '/ready', '/nowhere']) {
        const { status, head, error } = await sendRaw(
          gateway.url,
          `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
        );
        expect(status).toBe(405);
        expect(head).toMatch(/^allow: GET, HEAD, POST, PUT, PATCH, DELETE$/m);
        expect(error).toMatchObject({ type: 'invalid_request_error', code: 'method_not_allowed' });
      }
      expect(upstream.requests).toHaveLength(0);
    },
  );

  it('do not include CONNECT: no tunnel', async () => {
    const { status, head, error } = await sendRaw(gateway.url, 'CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n');
    expect([status, error['code']]).toEqual([405, 'method_not_allowed']);
    expect(head).toMatch(/^allow: /m);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])('of the API are passed through: %s', async (method) => {
    expect((await fetch(`${gateway.url}/v1/files/x`, { method })).status).toBe(200);
    expect(upstream.requests).toMatchObject([{ method, path: '/v1/files/x' }]);
  });

  it('may carry an upgrade header, which is ignored', async () => {
    const offer = 'host: x\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n';
    const text = `POST /v1/chat/completions HTTP/1.1\r\n${offer}content-length: ${CHAT.length}\r\n\r\n${CHAT}`;
    expect((await statusesOf(text))[0]).toEqual([200]);
    expect((await statusesOf(`GET /v1/models HTTP/1.1\r\n${offer}\r\n`))[0]).toEqual([200]);
  });
});

describe('a request target', () => {
  it.each([
    'https://127.0.0.1/v1/files',
    'ftp://127.0.0.1/v1/files',
    'file:///v1/files',
    'http:///v1/files',
    'http://user@127.0.0.1/v1/files',
    '//127.0.0.1/v1/files',
    '/v1/files#x',
    '/v1/files\\x',
    '/v1/files/%0d%0ax',
    '/v1/files/\x01',
    '*',
  ])('such as %s gets 400 and is not forwarded', async (target) => {
    const text = `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
    const { status, error } = await sendRaw(gateway.url, text);
    expect([status, error]).toMatchObject([400, { type: 'invalid_request_error', message: expect.any(String) }]);
    expect(upstream.requests).toHaveLength(0);
  });

  it('in absolute form is served by the path behind its host', async () => {
    const end = 'HTTP/1.1\r\nhost: x\r\nconnection: close';
    expect((await sendRaw(gateway.url, `GET http://x:80/v1/models?a=1 ${end}\r\n\r\n`)).status).toBe(200);
    expect((await sendRaw(gateway.url, `GET http://x ${end}\r\n\r\n`)).status).toBe(200);
    const chat = `POST http://x/v1/chat/completions ${end}\r\ncontent-length: ${CHAT.length}\r\n\r\n${CHAT}`;
    expect((await sendRaw(gateway.url, chat)).status).toBe(200);
    expect((await sendRaw(gateway.url, `GET http://x/v1/files/f?a=1 ${end}\r\n\r\n`)).status).toBe(200);
    expect(upstream.requests[1]?.path).toBe('/v1/files/f?a=1');
  });
});

describe('request smuggling: an ambiguous request', () => {
  const HEAD = 'POST /v1/files HTTP/1.1\r\nhost: x\r\n';
  // Smuggled in: it must not be served.
  const NEXT = 'DELETE /v1/files/all HTTP/1.1\r\nhost: x\r\n\r\n';
  it.each([
    ['identity', `${HEAD}transfer-encoding: identity\r\n\r\n${NEXT}`],
    ['identity, without a body', 'GET /ready HTTP/1.1\r\nhost: x\r\ntransfer-encoding: identity\r\n\r\n'],
    ['an unknown transfer-encoding', `${HEAD}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n${NEXT}`],
    ['chunked twice', `${HEAD}transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n${NEXT}`],
    ['chunked, hidden', `${HEAD}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${NEXT}`],
    ['chunked, then identity', `${HEAD}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n`],
    ['length and chunks', `${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`],
    ['chunks and length', `${HEAD}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n${NEXT}`],
    ['two lengths', `${HEAD}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`],
    ['one length twice', `${HEAD}content-length: 5, 5\r\n\r\nhello`],
    ['a signed length', `${HEAD}content-length: +5\r\n\r\nhello`],
    ['a folded line', `${HEAD}x-folded: a\r\n b\r\nconnection: close\r\n\r\n`],
    ['a folded length', `${HEAD}content-length:\r\n 5\r\n\r\nhello`],
    ['bare line feeds', 'GET /ready HTTP/1.1\nhost: x\nconnection: close\n\n'],
    ['one bare line feed', 'GET /ready HTTP/1.1\r\nhost: x\nx-a: b\r\nconnection: close\r\n\r\n'],
    ['a bare carriage return', 'GET /ready HTTP/1.1\r\nhost: x\rx-a: b\r\nconnection: close\r\n\r\n'],
    ['a space before the colon', `${HEAD}content-length : 5\r\n\r\nhello`],
    ['two hosts', 'GET /ready HTTP/1.1\r\nhost: x\r\nhost: y\r\nconnection: close\r\n\r\n'],
  ])('gets one answer, and it is a 400: %s', async (_name, text) => {
    const [statuses, answer] = await statusesOf(text);
    expect(statuses).toEqual([400]);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { type: 'invalid_request_error' } });
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('a request that can be parsed no further (malformed HTTP)', () => {
  it.each([
    ['GARBAGE\r\n\r\n', 400],
    ['CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n', 405],
  ])('gets its error after the answers to the pipelined requests before it: %j', async (rest, status) => {
    upstream.answer({ ...chatCompletion('Hi'), isSilent: true });
    const answer = statusesOf(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${CHAT.length}\r\n\r\n${CHAT}${rest}`,
    );
    await upstream.request(1);
    upstream.release();
    const [statuses, text] = await answer;
    expect(statuses).toEqual([200, status]);
    expect(text.indexOf('"Hi"')).toBeLessThan(text.indexOf(`HTTP/1.1 ${status}`));
  });

  it('in a body that was answered already gets no second answer', async () => {
    const head = 'POST /nowhere HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n';
    expect((await statusesOf(`${head}2\r\n{"\r\nZZ\r\n`))[0]).toEqual([404]);
  });

  it('in a body that is awaited gets one error, which a client that goes on sending can read', async () => {
    const socket = openSocket(gateway.url).setEncoding('utf8');
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n');
    // More than the sockets hold: it has to be read, or the answer is lost.
    for (let sent = 0; sent < 64; sent++) socket.write('z'.repeat(256 * 1024));
    socket.end();
    let text = '';
    for await (const piece of socket) text += piece;
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
  });

  it('ends a passthrough upload that was under way', async () => {
    upstream.answer({ body: 'Hi' });
    const socket = openSocket(gateway.url);
    socket.write('POST /v1/files HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nHi\r\nZZ\r\n');
    let text = '';
    socket.on('data', (piece) => {
      text += piece;
    });
    await once(socket, 'close');
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
  });
});
