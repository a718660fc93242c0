import { beforeEach, describe, expect, it } from 'vitest';
import { chatCompletion, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { checkStream } from '../support/stream-rules.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const ANSWER = chatStream('Hel', 'lo');
const STALLED = { ...ANSWER, stallAfterBytes: firstWordBytes(ANSWER) };

let upstream: TestUpstream;

beforeEach(async () => {
  upstream = await runUpstream(STALLED);
});

function start(drain: string, delay = '0s'): Promise<TestGateway> {
  return runGateway(
    configFor(upstream.url, `server: { drain: ${drain}, drain_delay: ${delay} }\npassthrough: { default: up }`),
  );
}

describe('graceful shutdown of the gateway (server.drain)', () => {
  it('lets a stream in flight come to its end', async () => {
    const gateway = await start('10s');
    const response = await gateway.chat({ stream: true });
    const stopped = gateway.stop();
    upstream.release();
    expect(checkStream(await response.text()).choices).toMatchObject([{ text: 'Hello', finish: 'stop' }]);
    await stopped;
    await expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
  });

  it('answers 503 to /ready and to new calls, while one call is still in flight', async () => {
    const gateway = await start('10s');
    const response = await gateway.chat({ stream: true });
    const stopped = gateway.stop();
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(503);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    const refused = await gateway.chat({});
    expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: 'shutting_down' } }]);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    upstream.release();
    await response.text();
    await stopped;
  });

  it('accepts new calls for server.drain_delay, while /ready answers 503 at once', async () => {
    upstream.answer(ANSWER);
    const gateway = await start('10s', '3s');
    expect((await gateway.chat({})).headers.get('connection')).toBe('keep-alive');
    const stopped = gateway.stop();
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(503);
    const taken = await gateway.chat({ stream: true });
    expect([taken.status, taken.headers.get('connection')]).toEqual([200, 'close']);
    expect(checkStream(await taken.text()).choices).toMatchObject([{ text: 'Hello' }]);
    await stopped;
    await expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
  });

  it('sends connection: close with every answer whose head was not sent: passthrough, refused, and that of a call in flight', async () => {
    const gateway = await start('10s');
    upstream.answer({ ...chatCompletion('Hi'), stallAfterBytes: 3 });
    const inFlight = gateway.chat({});
    await upstream.request(1);
    const stopped = gateway.stop();
    const answers = await Promise.all([
      fetch(`${gateway.url}/ready`),
      gateway.chat({}),
      fetch(`${gateway.url}/nothing`),
    ]);
    upstream.release();
    const all = [...answers, await inFlight];
    expect(all.map(({ status }) => status)).toEqual([503, 503, 404, 200]);
    expect(all.map(({ headers }) => headers.get('connection'))).toEqual(['close', 'close', 'close', 'close']);
    await stopped;
  });

  it('lets a passthrough request come to its end', async () => {
    upstream.answer({ ...chatCompletion('Hi'), stallAfterBytes: 3 });
    const gateway = await start('10s');
    const response = await fetch(`${gateway.url}/v1/files`);
    const stopped = gateway.stop();
    upstream.release();
    expect(await response.text()).toBe(chatCompletion('Hi').body);
    await stopped;
  });

  it('aborts what is still in flight after server.drain with shutting_down', async () => {
    const gateway = await start('30ms');
    const response = await gateway.chat({ stream: true });
    upstream.answer({ isSilent: true });
    const whole = gateway.chat({});
    const request = await upstream.request(2);
    await gateway.stop();
    const { error, choices } = checkStream(await response.text(), { isFailed: true });
    expect(choices).toMatchObject([{ text: 'Hel' }]);
    expect(error).toMatchObject({ code: 'shutting_down' });
    expect([(await whole).status, await (await whole).json()]).toMatchObject([
      503,
      { error: { code: 'shutting_down' } },
    ]);
    await Promise.all([upstream.requests[0]?.closed, request.closed]);
  });

  it('stops at once when nothing is in flight, and only once', async () => {
    const gateway = await start('10s');
    await fetch(`${gateway.url}/health`);
    await Promise.all([gateway.stop(), gateway.stop()]);
    await expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
  });
});
