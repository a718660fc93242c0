import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { KEEPALIVE_FRAME } from '../../src/protocol/sse.ts';
import { chatCompletion, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { runDeafHost } from '../support/deaf-host.ts';
import { configFor, ONE_ATTEMPT, runGateway, type TestGateway } from '../support/gateway.ts';
import { stopTime } from '../support/still-time.ts';
import { checkStream } from '../support/stream-rules.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer } from '../support/upstream.ts';

/** Below every default: what ends a call sooner is the deadline that the test has set. */
const MAX_MS = 4000;
const STREAM = chatStream('Hel', 'lo');
const COMMENTS: UpstreamAnswer = { ...STREAM, body: KEEPALIVE_FRAME.repeat(1000), pieceBytes: 14 };

async function start(answer: UpstreamAnswer, timeouts: string) {
  const upstream = await runUpstream(answer);
  const rest = `server: { drain: 0ms }\ntimeouts: { ${timeouts} }`;
  return { upstream, gateway: await runGateway(configFor(upstream.url, rest)) };
}

/** Asks, and expects the deadline to end the call with its error, at the provider too. */
async function expectTimeout(upstream: TestUpstream, gateway: TestGateway, stream: boolean): Promise<void> {
  const startedAt = performance.now();
  const response = await gateway.chat({ stream });
  expect([response.status, await response.json()]).toMatchObject([504, { error: { code: 'upstream_timeout' } }]);
  expect(performance.now() - startedAt).toBeLessThan(MAX_MS);
  await upstream.requests[0]?.closed;
}

describe('the timeout', () => {
  it.each([
    ['nothing comes', { isSilent: true }],
    ['only a head comes', { ...STREAM, stallAfterBytes: 0 }],
    ['only the role comes', { ...STREAM, stallAfterBytes: String(STREAM.body).indexOf('\n\n') + 2 }],
    ['only comments come', { ...COMMENTS, stallAfterBytes: 280 }],
  ])('timeouts.first_token ends a stream when %s', async (_name, answer) => {
    const { upstream, gateway } = await start(answer, 'first_token: 80ms, idle: 10s');
    await expectTimeout(upstream, gateway, true);
  });

  it.each([
    ['nothing comes', { isSilent: true }],
    ['half an answer comes', { ...chatCompletion('Hi'), stallAfterBytes: 9 }],
  ])('timeouts.response ends a whole (non-streaming) answer when %s', async (_name, answer) => {
    const { upstream, gateway } = await start(answer, 'first_token: 10s, response: 80ms');
    await expectTimeout(upstream, gateway, false);
  });

  it('timeouts.response does not bound a stream, nor does timeouts.first_token once it has begun', async () => {
    const timeouts = 'first_token: 60ms, response: 60ms, idle: 10s';
    const { upstream, gateway } = await start({ ...STREAM, stallAfterBytes: firstWordBytes(STREAM) }, timeouts);
    stopTime();
    const response = await gateway.chat({ stream: true });
    vi.advanceTimersByTime(120);
    upstream.release();
    expect(checkStream(await response.text()).choices).toMatchObject([{ text: 'Hello' }]);
  });

  it('timeouts.first_token does not bound a whole answer', async () => {
    const { upstream, gateway } = await start({ ...chatCompletion('Hi'), isSilent: true }, 'first_token: 60ms');
    stopTime();
    const response = gateway.chat({});
    await upstream.request(1);
    vi.advanceTimersByTime(120);
    upstream.release();
    expect((await response).status).toBe(200);
  });

  it('timeouts.idle ends a stream that stalls', async () => {
    const answer = { ...STREAM, stallAfterBytes: firstWordBytes(STREAM) };
    const { upstream, gateway } = await start(answer, 'idle: 80ms');
    const { error } = checkStream(await (await gateway.chat({ stream: true })).text(), { isFailed: true });
    expect(error).toMatchObject({ code: 'upstream_stream_interrupted', message: expect.stringContaining('80 ms') });
    await upstream.requests[0]?.closed;
  });

  it.each([true, false])('timeouts.total ends the call (stream: %s)', async (stream) => {
    const { upstream, gateway } = await start({ isSilent: true }, 'total: 80ms');
    await expectTimeout(upstream, gateway, stream);
  });

  it('timeouts.total ends a stream that goes on and on', async () => {
    const answer = { ...STREAM, stallAfterBytes: firstWordBytes(STREAM) };
    const { upstream, gateway } = await start(answer, 'total: 80ms');
    stopTime();
    const response = await gateway.chat({ stream: true });
    vi.advanceTimersByTime(80);
    const { error } = checkStream(await response.text(), { isFailed: true });
    expect(error).toMatchObject({ code: 'upstream_timeout' });
    await upstream.requests[0]?.closed;
  });

  it.runIf(process.platform === 'linux')('timeouts.connect ends the wait for a host that does not accept', async () => {
    const host = await runDeafHost();
    const gateway = await runGateway(configFor(host.url, 'server: { drain: 0ms }\ntimeouts: { connect: 80ms }'));
    const startedAt = performance.now();
    const response = await gateway.chat({});
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.code]).toEqual([502, 'upstream_unreachable']);
    expect(error.message).toContain('did not accept the connection in time');
    expect(performance.now() - startedAt).toBeLessThan(MAX_MS);
    await expect.poll(host.connecting, { interval: 2 }).toBe(0);
  });

  it('timeouts.connect does not bound the answer over the connection, nor a connection that is reused', async () => {
    const { upstream, gateway } = await start({ ...STREAM, isSilent: true }, 'connect: 60ms');
    stopTime();
    for (const number of [1, 2]) {
      const response = gateway.chat({ stream: true });
      await upstream.request(number);
      vi.advanceTimersByTime(100);
      upstream.release();
      expect((await response).status).toBe(200);
      await (await response).text();
    }
  });

  it('timeouts.connect ends the wait for a host that does not finish the TLS handshake', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const gateway = await runGateway(
      `providers: { up: { kind: openai-compatible, base_url: "https://127.0.0.1:${port}/v1" } }\n` +
        `models: { m: { provider: up } }\ntimeouts: { connect: 80ms }\n${ONE_ATTEMPT}`,
    );
    const startedAt = performance.now();
    const response = await gateway.chat({});
    expect([response.status, await response.json()]).toMatchObject([502, { error: { code: 'upstream_unreachable' } }]);
    expect(performance.now() - startedAt).toBeLessThan(MAX_MS);
  });
});
