import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { chatCompletion } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { openSocket } from '../support/raw-http.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const MB = 1024 * 1024;
const CHAT = '/v1/chat/completions';
const PATHS = [CHAT, '/v1/router/choose', '/v1/embeddings'];
const JSON_TYPE = { 'content-type': 'application/json' };

let upstream: TestUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await runUpstream(chatCompletion('Hi'));
  const rest = 'server: { body_limit: 20mb, drain: 0ms }\npassthrough: { default: up }';
  gateway = await runGateway(configFor(upstream.url, rest));
});

async function post(path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = JSON_TYPE) {
  const response = await fetch(gateway.url + path, { method: 'POST', body, headers });
  return { status: response.status, error: recordOf(recordOf(await response.json())['error']) };
}

function chatOf(content: unknown): string {
  return JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });
}

/** Sends a head and then pieces of a body, until there is an answer: that, and how much was sent. */
async function answerTo(head: string, pieces: Iterable<string> = []): Promise<{ answer: string; sent: number }> {
  const socket = openSocket(gateway.url);
  await once(socket, 'connect');
  let answer = '';
  let sent = 0;
  socket
    .on('error', () => undefined)
    .on('data', (bytes: Buffer) => {
      answer += bytes;
    });
  socket.write(`POST ${CHAT} HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`);
  for (const piece of pieces) {
    if (answer !== '') break;
    sent += piece.length;
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), once(socket, 'data')]);
  }
  if (answer === '') await once(socket, 'data');
  socket.destroy();
  return { answer, sent };
}

function* chunksOf(first: string, rest: string, times: number): Generator<string> {
  yield `${first.length.toString(16)}\r\n${first}\r\n`;
  for (let time = 0; time < times; time++) yield `${rest.length.toString(16)}\r\n${rest}\r\n`;
}

describe.each(PATHS)('%s', (path) => {
  it.each([
    ['a million zeros', `{"model":"m","messages":[${'0,'.repeat(1_000_000)}0]}`],
    ['half a million fallbacks', `{"model":"m","fallbacks":[${'"m",'.repeat(500_000)}"m"]}`],
    [
      'a hundred thousand unknown fields',
      `{${Array.from({ length: 100_000 }, (_, at) => `"field-${at}":0,`).join('')}"model":"m"}`,
    ],
  ])('refuses %s (JSON budget) before the body is parsed', async (_name, body) => {
    const { status, error } = await post(path, body);
    expect([status, error['code']]).toEqual([400, 'invalid_value']);
    expect(error['message']).toMatch(/more than 250000 values, or 20000 different names/);
    const zipped = await post(path, gzipSync(body), { ...JSON_TYPE, 'content-encoding': 'gzip' });
    expect(zipped.error).toEqual(error);
    expect(upstream.requests).toHaveLength(0);
  });

  it('refuses a compressed body that inflates beyond the body limit (zip bomb)', async () => {
    const bomb = gzipSync(Buffer.alloc(21 * MB, ' '));
    const { status, error } = await post(path, bomb, { ...JSON_TYPE, 'content-encoding': 'gzip' });
    expect([status, error['code']]).toEqual([413, 'request_too_large']);
  });

  it('refuses a model name that does not fit into a header', async () => {
    for (const model of ['m\r\nx: y', '\u0000', 'm'.repeat(257), 'm\u001b[31m']) {
      const body = JSON.stringify({ model, input: 'x', messages: [{ role: 'user', content: 'x' }] });
      const { status, error } = await post(path, body);
      expect([status, error['code'], error['param']]).toEqual([400, 'invalid_value', 'model']);
    }
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('a request body', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('is decompressed from content-encoding %s', async (encoding, compress) => {
    const body = compress(Buffer.from(chatOf('Hello'))) as Buffer<ArrayBuffer>;
    expect((await post(CHAT, body, { 'content-encoding': encoding })).status).toBe(200);
    expect(upstream.requests[0]?.body).toMatchObject({ messages: [{ role: 'user', content: 'Hello' }] });
    const cut = await post(CHAT, body.subarray(0, -8), { 'content-encoding': encoding });
    expect(cut.status).toBe(400);
    expect((await post(CHAT, '{', { 'content-encoding': encoding })).status).toBe(400);
  });

  it('may begin with a byte order mark (BOM), or be in UTF-16', async () => {
    expect((await post(CHAT, `\ufeff${chatOf('Grüße')}`)).status).toBe(200);
    const wide = Buffer.from(chatOf('Grüße'), 'utf16le');
    expect((await post(CHAT, wide, { 'content-type': 'application/json; charset=utf-16' })).status).toBe(200);
    for (const { body } of upstream.requests) expect(body).toMatchObject({ messages: [{ content: 'Grüße' }] });
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'with the unknown content-encoding %s is refused',
    async (encoding) => {
      expect((await post(CHAT, '{}', { 'content-encoding': encoding })).status).toBe(415);
    },
  );

  it('of 19 MB arrives at the provider as it was sent', async () => {
    const content = [
      { type: 'text', text: 'a\n"\\é😀'.repeat(500_000) },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(8 * MB)}` } },
    ];
    expect((await post(CHAT, chatOf(content))).status).toBe(200);
    const [{ body } = {}] = upstream.requests;
    expect(JSON.stringify(recordOf(body)['messages'])).toBe(JSON.stringify([{ role: 'user', content }]));
  });

  it('whose content-length is beyond the body limit gets 413 before it is read', async () => {
    expect((await answerTo('content-length: 10000000000')).answer).toContain(' 413 ');
  });

  it.each([
    ['zeros', '[', '0,'.repeat(30_000), 400],
    ['one text', '["', 'x'.repeat(60_000), 413],
  ])('without end, of %s, is refused while it arrives', async (_name, first, rest, status) => {
    const { answer, sent } = await answerTo('transfer-encoding: chunked', chunksOf(first, rest, 1000));
    expect(answer).toContain(` ${status} `);
    expect(sent).toBeLessThan(40 * MB);
  });

  it('costs nothing more when its client disconnects while it is worked on', async () => {
    const large = chatOf('x'.repeat(5 * MB));
    const socket = openSocket(gateway.url);
    await once(socket, 'connect');
    socket.write(`POST ${CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: ${large.length}\r\n\r\n`);
    socket.end(large);
    socket.destroySoon();
    await once(socket, 'close');
    expect((await gateway.chat({})).status).toBe(200);
  });

  it('that is refused leaves its keep-alive connection usable', async () => {
    const first = `[${'0,'.repeat(300_000)}0]`;
    const second = chatOf('Hello');
    const socket = openSocket(gateway.url);
    const post = (body: string, rest = '') =>
      `POST ${CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n${rest}\r\n${body}`;
    socket.write(post(first) + post(second, 'connection: close\r\n'));
    const answers = await text(socket);
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['400', '200']);
  });
});
