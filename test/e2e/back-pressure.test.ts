import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { DONE_FRAME } from '../../src/protocol/sse.ts';
import { chatChunk, chatStream } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { openSocket } from '../support/raw-http.ts';
import { requestsOf } from '../support/requests.ts';
import { stopTime } from '../support/still-time.ts';

const CHUNK = chatChunk('x'.repeat(16_000));
const CHUNKS = 4000;
const TOTAL_BYTES = CHUNK.length * CHUNKS;
/** What the kernel may hold on two loopback connections, and a little of ours. */
const MAX_BUFFERED_BYTES = 24 * 1024 ** 2;
const IDLE_MS = 20_000;
/** Turns of the event loop, which provider, gateway and client share, without a byte: then nothing is on its way any more. */
const STILL_TURNS = 500;

let sentBytes: number;
let gateway: TestGateway;

beforeEach(async () => {
  sentBytes = 0;
  const server = createServer((_request, response) => void speakEndlessly(response));
  const settings = `server: { drain: 0ms, keepalive: 30ms }\nresume: { max_bytes: 64kb }`;
  const rest = `${settings}\ntimeouts: { idle: ${IDLE_MS}ms }`;
  gateway = await runGateway(configFor(await startServer(server), rest));
  stopTime();
});

async function startServer(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function speakEndlessly(response: ServerResponse): Promise<void> {
  const closed = once(response, 'close');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let count = 0; count < CHUNKS && !response.destroyed; count++) {
    sentBytes += CHUNK.length;
    if (!response.write(CHUNK)) await Promise.race([new Promise((resolve) => response.once('drain', resolve)), closed]);
  }
  const whole = String(chatStream().body);
  response.end(whole.slice(whole.indexOf('\n\n') + 2));
}

/** A client that has asked for a stream and reads none of it. `headers` are lines. */
async function askAndWait(headers = ''): Promise<Socket> {
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hello' }] });
  const socket = openSocket(gateway.url);
  onTestFinished(() => void socket.destroy());
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`,
  );
  await untilStill();
  return socket;
}

/** Resolves when the provider has not been read for three idle deadlines, which pass while nothing else does. */
async function untilStill(): Promise<void> {
  for (let [before, turns] = [-1, 0]; sentBytes === 0 || turns < STILL_TURNS; turns++) {
    if (before !== sentBytes) turns = 0;
    before = sentBytes;
    await nextTurn();
  }
  for (let deadlines = 0; deadlines < 3; deadlines++) {
    vi.advanceTimersByTime(IDLE_MS);
    for (let turns = 0; turns < 20; turns++) await nextTurn();
  }
}

/** How much came, and the last of it. */
async function readAll(socket: Socket): Promise<{ size: number; end: string }> {
  let size = 0;
  let end = '';
  for await (const piece of socket) {
    size += (piece as Buffer).length;
    end = (end + piece).slice(-400);
  }
  return { size, end };
}

describe('backpressure of a client that stops reading', () => {
  it('pauses the reading of the provider, and memory stays bounded', async () => {
    const before = process.memoryUsage().rss;
    await askAndWait();
    expect(sentBytes).toBeLessThan(MAX_BUFFERED_BYTES);
    expect(sentBytes).toBeLessThan(TOTAL_BYTES / 2);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 ** 2);
  });

  it('does not count as idle time of the provider, and the whole answer arrives when the client reads again', async () => {
    const socket = await askAndWait();
    const { size, end } = await readAll(socket);
    expect(end).toContain(DONE_FRAME);
    expect(size).toBeGreaterThan(16_000 * CHUNKS);
    expect(sentBytes).toBe(TOTAL_BYTES);
  });

  it('frees the provider when the client then disconnects', async () => {
    const socket = await askAndWait();
    socket.destroy();
    await expect.poll(() => gateway.log.some((line) => line.includes('"error":"client_closed"'))).toBe(true);
    expect(sentBytes).toBeLessThan(TOTAL_BYTES / 2);
  });
});

describe('backpressure of a client that stops reading a resumable stream', () => {
  const RESUMABLE = 'x-request-id: mine\r\nx-sluice-resumable: true\r\n';

  it('pauses the reading of the provider, and the whole answer arrives when the client reads again', async () => {
    const before = process.memoryUsage().rss;
    const socket = await askAndWait(RESUMABLE);
    expect(sentBytes).toBeLessThan(MAX_BUFFERED_BYTES);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 ** 2);
    const { size, end } = await readAll(socket);
    expect(end).toContain(DONE_FRAME);
    expect(size).toBeGreaterThan(16_000 * CHUNKS);
    expect(sentBytes).toBe(TOTAL_BYTES);
  });

  it('lets the provider go on when the client then disconnects', async () => {
    const socket = await askAndWait(RESUMABLE);
    const requests = requestsOf(gateway);
    expect((await requests.one('mine')).body.state).toBe('streaming');
    socket.destroy();
    await expect.poll(async () => (await requests.one('mine')).body.state).toBe('completed');
    expect(sentBytes).toBe(TOTAL_BYTES);
  });

  it('can be cancelled: the client gets the error event when it reads again', async () => {
    const socket = await askAndWait(RESUMABLE);
    expect((await requestsOf(gateway).cancel('mine')).body.cancelled).toBe(true);
    const { end } = await readAll(socket);
    expect(end).toContain('"code":"request_cancelled"');
    expect(sentBytes).toBeLessThan(TOTAL_BYTES / 2);
  });
});
