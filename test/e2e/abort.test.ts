import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { chatCompletion, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, ONE_ATTEMPT, openGateway, runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

/** Below every deadline that could close it instead; that it is 50 ms is held by `npm run bench -- cancel`, on an idle machine. */
const MAX_CLOSE_MS = 8000;

let upstream: TestUpstream;
let gateway: TestGateway;
let client: AbortController;

beforeEach(async () => {
  upstream = await runUpstream();
  gateway = await runGateway(
    configFor(upstream.url, 'server: { drain: 0ms, keepalive: 20ms }\npassthrough: { default: up }'),
  );
  client = new AbortController();
});

function ask(body: object = {}): Promise<Response> {
  const response = gateway.chat(body, { signal: client.signal });
  response.catch(() => undefined);
  return response;
}

async function expectClosed(closed: Promise<unknown> | undefined): Promise<void> {
  const startedAt = performance.now();
  client.abort();
  await closed;
  expect(performance.now() - startedAt).toBeLessThan(MAX_CLOSE_MS);
}

/** The line of the one call, which ends a moment after its connection. */
async function loggedCall(): Promise<string> {
  const find = () => gateway.log.find((line) => line.includes('"msg":"call"'));
  await expect.poll(find, { interval: 2 }).toBeDefined();
  return find() ?? '';
}

// A busy machine may be late once: the promise is about the gateway.
describe('a client that disconnects', { retry: 2 }, () => {
  it('aborts the provider request in mid-stream', async () => {
    const answer = chatStream('Hel', 'lo');
    upstream.answer({ ...answer, stallAfterBytes: firstWordBytes(answer) });
    const response = await ask({ stream: true });
    await response.body?.getReader().read();
    await expectClosed(upstream.requests[0]?.closed);
    expect(await loggedCall()).toMatch(/"outcome":"cancelled","status":499,"error":"client_closed"/);
  });

  it('aborts the provider request before the first token', async () => {
    upstream.answer({ ...chatStream('Hi'), stallAfterBytes: 0 });
    const response = ask({ stream: true });
    const request = await upstream.request(1);
    await response;
    await expectClosed(request.closed);
  });

  it.each([true, false])('aborts the provider request before the response head (stream: %s)', async (stream) => {
    upstream.answer({ isSilent: true });
    void ask({ stream });
    await expectClosed((await upstream.request(1)).closed);
    expect(await loggedCall()).toContain('"outcome":"cancelled"');
  });

  it('aborts the provider request in the middle of a whole (non-streaming) answer', async () => {
    upstream.answer({ ...chatCompletion('Hi'), stallAfterBytes: 5 });
    void ask();
    await expectClosed((await upstream.request(1)).closed);
  });

  it('aborts the provider request while a passthrough request waits', async () => {
    upstream.answer({ isSilent: true });
    const asked = fetch(`${gateway.url}/v1/files`, { signal: client.signal }).catch(() => undefined);
    await expectClosed((await upstream.request(1)).closed);
    await asked;
  });

  it('aborts the connecting while the gateway still connects', async () => {
    const sockets: Socket[] = [];
    // It accepts, and never answers the TLS greeting.
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined).resume()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const slow = await openGateway(
      `providers: { up: { kind: openai-compatible, base_url: "https://127.0.0.1:${port}/v1" } }\nmodels: { m: { provider: up } }\n${ONE_ATTEMPT}timeouts: { connect: 60s }\n`,
    );
    onTestFinished(() => slow.close());
    slow.chat({}, { signal: client.signal }).catch(() => undefined);
    const [socket] = (await once(server, 'connection')) as [Socket];
    await expectClosed(once(socket, 'close'));
  });

  it('is not counted against the circuit breaker: the next call is served', async () => {
    upstream.answer({ isSilent: true });
    void ask();
    await expectClosed((await upstream.request(1)).closed);
    upstream.answer(chatCompletion('Hi'));
    expect((await gateway.chat({})).status).toBe(200);
    await expect.poll(() => gateway.log.filter((line) => line.includes('"msg":"call"'))).toHaveLength(2);
    expect(gateway.log.join()).not.toContain('attempt failed');
  });
});
