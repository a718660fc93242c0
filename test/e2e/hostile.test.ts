import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DONE_FRAME, toFrame } from '../../src/protocol/sse.ts';
import { chatChunk, chatCompletion, chatStream } from '../support/chat-answers.ts';
import { ONE_ATTEMPT, runGateway, type TestGateway } from '../support/gateway.ts';
import { type RawUpstream, rawAnswer, runRawUpstream, writeForever } from '../support/raw-upstream.ts';
import { checkStream, type StreamedAnswer } from '../support/stream-rules.ts';
import { runUpstream, type UpstreamAnswer } from '../support/upstream.ts';

const STREAM = chatStream('Hel', 'lo');
const FINISH = toFrame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const SSE = 'content-type: text/event-stream';

function gatewayFor(url: string): Promise<TestGateway> {
  return runGateway(
    `providers: { p: { kind: openai-compatible, base_url: "${url}" } }\nmodels: { m: { provider: p } }\n` +
      `server: { drain: 0ms }\n${ONE_ATTEMPT}`,
  );
}

async function start(answer: UpstreamAnswer): Promise<TestGateway> {
  return gatewayFor((await runUpstream(answer)).url);
}

async function startRaw(answer: (socket: Socket) => void): Promise<{ upstream: RawUpstream; gateway: TestGateway }> {
  const upstream = await runRawUpstream(answer);
  return { upstream, gateway: await gatewayFor(upstream.url) };
}

async function streamed(gateway: TestGateway): Promise<StreamedAnswer> {
  const response = await gateway.chat({ stream: true });
  expect(response.status).toBe(200);
  return checkStream(await response.text());
}

async function textOf(gateway: TestGateway): Promise<string | undefined> {
  const body = (await (await gateway.chat({})).json()) as { choices?: { message: { content: string } }[] };
  return body.choices?.[0]?.message.content;
}

/** Expects a clear error, before the test runner loses its patience. */
async function errorOf(gateway: TestGateway, stream: boolean): Promise<[number, string, string]> {
  const response = await gateway.chat({ stream });
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return [response.status, error.code, error.message];
}

describe('a provider answer is read although it', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('is compressed, unasked (content-encoding): %s', async (encoding, compress) => {
    const packed = ({ body, headers }: UpstreamAnswer): UpstreamAnswer => ({
      headers: { ...headers, 'content-encoding': encoding },
      body: compress(String(body)),
      pieceBytes: 7,
    });
    expect((await streamed(await start(packed(STREAM)))).choices).toMatchObject([{ text: 'Hello' }]);
    expect(await textOf(await start(packed(chatCompletion('Hi'))))).toBe('Hi');
  });

  it('comes byte by byte', async () => {
    expect((await streamed(await start({ ...STREAM, pieceBytes: 1 }))).choices).toMatchObject([{ text: 'Hello' }]);
  });

  it('has an SSE event of 5 MB', async () => {
    const long = 'x'.repeat(5 * 1024 * 1024);
    const { choices } = await streamed(await start(chatStream('a', long)));
    expect(choices[0]?.text).toHaveLength(long.length + 1);
  });

  it('has more events after its end ([DONE])', async () => {
    const rest = `${chatChunk('!')}data: {"broken\n\n`.repeat(100);
    const answer = { ...STREAM, body: `${STREAM.body}${rest}` };
    expect((await streamed(await start(answer))).choices).toMatchObject([{ text: 'Hello', finish: 'stop' }]);
  });

  it('never closes its connection', async () => {
    const { gateway } = await startRaw((socket) => socket.write(rawAnswer([SSE], String(STREAM.body))));
    expect((await streamed(gateway)).choices).toMatchObject([{ text: 'Hello' }]);
  });

  it('goes on for ever after [DONE]', async () => {
    const { gateway, upstream } = await startRaw((socket) => {
      socket.write(rawAnswer([SSE], String(STREAM.body)));
      writeForever(socket, () => ': still here\n\n'.repeat(1000));
    });
    expect((await streamed(gateway)).choices).toMatchObject([{ text: 'Hello' }]);
    await upstream.closed();
  });

  it('has two finish reasons', async () => {
    const length = toFrame({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] });
    const body = `${chatChunk('Hel')}${length}${chatChunk('lo')}${FINISH}${DONE_FRAME}`;
    expect((await streamed(await start({ ...STREAM, body }))).choices).toMatchObject([
      { text: 'Hello', finish: 'stop' },
    ]);
  });

  it('has invalid UTF-8', async () => {
    const broken = Buffer.concat([Buffer.from('data: {"choices":[{"delta":{"content":"a'), Buffer.from([0xff, 0xc3])]);
    const body = Buffer.concat([broken, Buffer.from(`"}}]}\n\n${FINISH}${DONE_FRAME}`)]);
    const { choices } = await streamed(await start({ ...STREAM, body }));
    expect(choices[0]?.text).toMatch(/^a\ufffd+$/);
  });

  it('has a content-length below what it sends, after its end', async () => {
    const body = String(chatCompletion('Hi').body);
    const { gateway } = await startRaw((socket) =>
      socket.write(rawAnswer([`content-length: ${body.length}`], `${body}garbage`)),
    );
    expect(await textOf(gateway)).toBe('Hi');
  });

  it('is preceded by 103 early hints', async () => {
    const body = String(chatCompletion('Hi').body);
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(3);
    const { gateway } = await startRaw((socket) =>
      socket.write(Buffer.concat([Buffer.from(hints), rawAnswer([`content-length: ${body.length}`], body)])),
    );
    expect(await textOf(gateway)).toBe('Hi');
  });
});

describe('an unusable provider answer becomes a clear error, streamed or not,', () => {
  const html = { headers: { 'content-type': 'text/html' }, body: `<html>${'<p>Bad gateway</p>'.repeat(1000)}</html>` };
  const truncated = gzipSync(String(STREAM.body)).subarray(0, 40);
  it.each<[string, UpstreamAnswer, number, string, RegExp]>([
    ['for HTML with 200', html, 502, '', /no JSON|before it began/],
    ['for HTML with 502', { ...html, status: 502 }, 502, 'upstream_error', /HTTP 502/],
    ['for HTML with 503', { ...html, status: 503 }, 503, 'upstream_overloaded', /HTTP 503/],
    ['for 204', { status: 204, body: '' }, 502, 'upstream_error', /HTTP 204/],
    ['for an empty 200', { body: '' }, 502, '', /no JSON|before it began/],
    [
      'for a redirect',
      { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
      502,
      'upstream_error',
      /HTTP 307/,
    ],
    ['for a word in place of JSON', { body: 'null' }, 502, '', /no object|before it began/],
    ['for a lying encoding', { headers: { 'content-encoding': 'gzip' }, body: 'plain' }, 502, '', /decompressed/],
    ['for a cut encoding', { headers: { 'content-encoding': 'gzip' }, body: truncated }, 502, '', /decompressed/],
    ['for an unknown encoding', { headers: { 'content-encoding': 'lzma' } }, 502, 'upstream_error', /'lzma'/],
    ['for an error whose body is cut', { status: 429, body: '{"error":{"mess', destroyAfterBytes: 5 }, 429, '', /429/],
  ])('%s', async (_name, answer, status, code, message) => {
    const gateway = await start(answer);
    for (const stream of [true, false]) {
      const [gotStatus, gotCode, words] = await errorOf(gateway, stream);
      expect([gotStatus, gotCode]).toEqual([status, code || gotCode]);
      expect(words).toMatch(message);
      expect(words.length).toBeLessThan(500);
    }
  });

  it.each<[string, (socket: Socket) => void, RegExp]>([
    [
      'for a head without end',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        writeForever(socket, () => `x-filler: ${'y'.repeat(1000)}\r\n`);
      },
      /headers without end/,
    ],
    ['for something that is no HTTP', (socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'), /no HTTP/],
    ['for a connection that closes at once', (socket) => void socket.end(), /closed the connection/],
    ['for a connection that is reset', (socket) => void socket.resetAndDestroy(), /reset the connection/],
    [
      'for an answer shorter than announced',
      (socket) => void socket.end(rawAnswer([SSE, 'content-length: 5000'], '{"choices":')),
      /./,
    ],
    [
      'for chunks that are none',
      (socket) => void socket.end(rawAnswer(['transfer-encoding: chunked'], 'zz\r\nnothing\r\n')),
      /no HTTP/,
    ],
    [
      'for an error body without end',
      (socket) => {
        socket.write(rawAnswer(['content-type: text/plain'], '', '500 Oops'));
        writeForever(socket, () => 'so sorry '.repeat(1000));
      },
      /HTTP 500/,
    ],
  ])('%s', async (_name, answer, message) => {
    const { gateway, upstream } = await startRaw(answer);
    for (const stream of [true, false]) {
      const [status, , words] = await errorOf(gateway, stream);
      expect([status, words]).toEqual([502, expect.stringMatching(message)]);
    }
    await upstream.closed();
  });

  it('for an error body that stalls: its HTTP status is enough', async () => {
    const { gateway, upstream } = await startRaw((socket) => {
      socket.write(rawAnswer(['content-length: 100'], '{"error"', '503 Service Unavailable'));
    });
    expect((await errorOf(gateway, true))[0]).toBe(503);
    await upstream.closed();
  });
});

describe('memory stays bounded', () => {
  it('under a whole (non-streaming) answer without end', async () => {
    const { gateway, upstream } = await startRaw((socket) => {
      socket.write(rawAnswer(['content-type: application/json'], '{"choices":"'));
      writeForever(socket, () => 'z'.repeat(1024 * 1024));
    });
    expect(await errorOf(gateway, false)).toEqual([502, 'upstream_error', expect.stringContaining('larger than')]);
    await upstream.closed();
  });

  it('under an SSE event without end', async () => {
    const { gateway, upstream } = await startRaw((socket) => {
      socket.write(rawAnswer([SSE], 'data: {"choices":"'));
      writeForever(socket, () => 'z'.repeat(1024 * 1024));
    });
    const [status, , words] = await errorOf(gateway, true);
    expect([status, words]).toEqual([expect.any(Number), expect.stringMatching(/larger than|no first token/)]);
    await upstream.closed();
  });

  it('under endless SSE chunks without a token', async () => {
    const usage = toFrame({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1 } });
    const { gateway, upstream } = await startRaw((socket) => {
      socket.write(rawAnswer([SSE], ''));
      writeForever(socket, () => usage.repeat(200));
    });
    const [status, , words] = await errorOf(gateway, true);
    expect([status, words]).toEqual([expect.any(Number), expect.stringMatching(/without a token|no first token/)]);
    await upstream.closed();
  });

  it('under a small compressed body that inflates to a large one (zip bomb)', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, 'z'));
    const { url } = await runUpstream({ headers: { 'content-encoding': 'gzip' }, body: bomb });
    expect((await errorOf(await gatewayFor(url), false))[2]).toContain('larger than');
  });
});
