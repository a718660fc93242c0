import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chatCompletion, chatStream } from '../support/chat-answers.ts';
import { load } from '../support/config-files.ts';
import { chatError, type FallbackPair, QUICK, runPair } from '../support/fallback-pair.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream } from '../support/upstream.ts';

const NO_BREAKER = 'breaker: { failures: 100000 }\n';

async function times(count: number, one: () => Promise<Response>): Promise<number[]> {
  const responses = await Promise.all(Array.from({ length: count }, one));
  await Promise.all(responses.map((response) => response.arrayBuffer()));
  return responses.map(({ status }) => status);
}

/** One after the other: each call knows what the ones before it found out. */
async function inTurn(count: number, one: () => Promise<Response>): Promise<number[]> {
  const statuses: number[] = [];
  for (let call = 0; call < count; call++) statuses.push(...(await times(1, one)));
  return statuses;
}

describe('the retry budget', () => {
  it('lets 200 calls into a dead provider make hardly more than 200 × (1 + retry.budget) attempts', async () => {
    const pair = await runPair({ rest: NO_BREAKER });
    await times(200, () => pair.gateway.chat({ fallbacks: [] }));
    const [attempts] = pair.attempts();
    expect(attempts).toBeGreaterThan(200);
    // What comes back while the test runs is on top.
    expect(attempts).toBeLessThanOrEqual(200 * 1.2 + 10);
  });

  it('bounds the retries into a fallback as well, and leaves each call its first fallback', async () => {
    const pair = await runPair({ rest: NO_BREAKER });
    pair.primary.answer(chatError(404, 'model_not_found'));
    pair.fallback.answer(chatError(500, 'server_error'));
    await times(100, () => pair.gateway.chat({}));
    const [primary, fallback] = pair.attempts();
    expect(primary).toBe(100);
    expect(fallback).toBeGreaterThanOrEqual(105);
    expect(fallback).toBeLessThanOrEqual(100 * 1.2 + 10);
  });
});

describe('the circuit breaker', () => {
  it('opens on a dead target, and asks it again (half-open) after its rest', async () => {
    // Longer than ten calls take where the machine stands still.
    const pair = await runPair({ rest: 'breaker: { open_for: 4s }\n' });
    await inTurn(10, () => pair.gateway.chat({}));
    expect(pair.attempts()).toEqual([5, 10]);
    pair.primary.answer(chatStream('well'));
    const ask = (): Promise<unknown> => times(1, () => pair.gateway.chat({ stream: true }));
    await expect.poll(() => ask().then(() => pair.attempts()[0])).toBeGreaterThan(5);
    const [, before] = pair.attempts();
    await ask();
    expect(pair.attempts()[1]).toBe(before);
  });

  it('half-open lets one probe call at a time find out whether the target is well again', async () => {
    const pair = await runPair({ rest: 'breaker: { failures: 1, open_for: 1ms }\n' });
    await times(1, () => pair.gateway.chat({}));
    pair.primary.answer({ ...chatCompletion('well'), isSilent: true });
    const [before] = pair.attempts();
    let answered = 0;
    const calls = times(10, async () => {
      const response = await pair.gateway.chat({});
      answered++;
      return response;
    });
    // The probe waits for as long as the others need.
    await expect.poll(() => answered).toBe(9);
    expect(pair.attempts()[0] - before).toBe(1);
    pair.primary.release();
    expect(await calls).toEqual(Array(10).fill(200));
  });

  it('of one model is independent of another model of the same provider', async () => {
    const { gateway, upstream } = await runTwins();
    await inTurn(3, () => gateway.chat({ model: 'm' }));
    const before = upstream.requests.length;
    expect(await inTurn(1, () => gateway.chat({ model: 'twin' }))).toEqual([200]);
    expect(upstream.requests.length).toBe(before + 1);
  });

  it('is not opened by calls that were cancelled, nor by bad requests (400)', async () => {
    const pair = await runPair({ rest: 'breaker: { failures: 2 }\n' });
    pair.primary.answer(chatError(400, 'unknown_parameter'));
    await inTurn(3, () => pair.gateway.chat({}));
    pair.primary.answer({ isSilent: true });
    for (let call = 4; call <= 6; call++) await leave(pair, call);
    pair.primary.answer(chatStream('Hi'));
    expect(await inTurn(1, () => pair.gateway.chat({ stream: true }))).toEqual([200]);
    expect(pair.attempts()).toEqual([7, 0]);
  });

  it('survives a configuration reload', async () => {
    const { gateway, upstream, config } = await runTwins();
    await inTurn(3, () => gateway.chat({}));
    const before = upstream.requests.length;
    await gateway.reload(() => load(`${config}  third: { provider: p }\n`));
    // Open: asked once for want of another model, and not again.
    await inTurn(1, () => gateway.chat({}));
    expect(upstream.requests.length).toBe(before + 1);
  });
});

/** Models `m`, which is broken, and `twin`, which is well, on one provider. */
async function runTwins(): Promise<{
  gateway: TestGateway;
  upstream: Awaited<ReturnType<typeof runUpstream>>;
  config: string;
}> {
  const upstream = await runUpstream();
  upstream.answer(({ body }) => {
    const isBroken = (body as { model: string }).model === 'm';
    return isBroken ? { status: 503 } : { body: '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}' };
  });
  const config = `providers: { p: { kind: openai-compatible, base_url: "${upstream.url}" } }\n${QUICK}models:\n  m: { provider: p }\n  twin: { provider: p }\n`;
  return { upstream, config, gateway: await runGateway(config) };
}

/** Asks, and hangs up as soon as the primary has the request. */
async function leave({ gateway, primary }: FallbackPair, number: number): Promise<void> {
  const client = new AbortController();
  const asked = gateway.chat({}, { signal: client.signal }).catch(() => undefined);
  const { closed } = await primary.request(number);
  client.abort();
  await Promise.all([asked, closed]);
}

describe('a client that disconnects', () => {
  it('during a retry backoff ends the call: no attempt outlives it', async () => {
    const pair = await runPair({ m: 'retry: { max_delay: 30s }' });
    pair.primary.answer(chatError(429, 'rate_limit_exceeded', { 'retry-after': '20' }));
    const client = new AbortController();
    const asked = pair.gateway.chat({}, { signal: client.signal }).catch(() => undefined);
    await pair.primary.request(1);
    await expect.poll(() => pair.gateway.log.join('')).toContain('attempt failed');
    client.abort();
    await asked;
    await expect.poll(() => pair.gateway.log.join('')).toMatch(/"outcome":"cancelled"/);
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it('during mid-stream failover (rescue) closes the connection of the fallback', async () => {
    const pair = await runPair();
    const answer = chatStream('The', ' sea');
    pair.primary.answer({ ...answer, destroyAfterBytes: String(answer.body).indexOf(' sea') });
    pair.fallback.answer({ isSilent: true });
    const client = new AbortController();
    const response = await pair.gateway.chat({ stream: true }, { signal: client.signal });
    const { closed } = await pair.fallback.request(1);
    client.abort();
    await closed;
    expect(response.status).toBe(200);
  });
});

describe('a host that cannot be connected to', () => {
  it('is retried, and then fails over to the next model', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    // From here on the port refuses.
    server.close();
    const fallback = await runUpstream(chatStream('Hi'));
    onTestFinished(() => void server.close());
    const gateway = await runGateway(
      `providers:\n  p: { kind: openai-compatible, base_url: "http://127.0.0.1:${port}" }\n  f: { kind: openai-compatible, base_url: "${fallback.url}" }\n` +
        `models:\n  m: { provider: p, fallbacks: [n] }\n  n: { provider: f }\n${QUICK}`,
    );
    const response = await gateway.chat({ stream: true });
    expect([response.status, response.headers.get('x-sluice-attempts')]).toEqual([200, '4']);
    await response.text();
  });
});
