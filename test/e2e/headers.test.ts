import { describe, expect, it } from 'vitest';
import { chatCompletion, chatStream } from '../support/chat-answers.ts';
import { configFor, ONE_ATTEMPT, runGateway, type TestGateway } from '../support/gateway.ts';
import { requestsOf } from '../support/requests.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer } from '../support/upstream.ts';

async function start(answer: UpstreamAnswer, rest?: string) {
  const upstream = await runUpstream(answer);
  return { upstream, gateway: await runGateway(configFor(upstream.url, rest)) };
}

describe('x-request-id', () => {
  const ask = (gateway: TestGateway, id: string, authorization = ''): Promise<Response> =>
    gateway.chat({}, { headers: { 'x-request-id': id, authorization } });

  it('of the client is kept where it is valid, and names the answer', async () => {
    const { gateway } = await start(chatCompletion('Hi'));
    const response = await ask(gateway, 'mine-1.2_3');
    expect(response.headers.get('x-request-id')).toBe('mine-1.2_3');
    expect(await response.json()).toMatchObject({ id: 'chatcmpl-mine-1.2_3' });
  });

  it.each(['with space', 'ü', 'a/b', 'x'.repeat(129), ''])(
    'of the client is replaced when it is invalid: %j',
    async (id) => {
      const { gateway } = await start(chatCompletion('Hi'));
      const made = (await ask(gateway, id)).headers.get('x-request-id');
      expect(made).toMatch(/^[0-9a-f]{32}$/);
    },
  );

  it('is on errors too, also on those before any model', async () => {
    const { gateway } = await start({ status: 500 });
    expect((await ask(gateway, 'bad')).headers.get('x-request-id')).toBe('bad');
    expect((await fetch(`${gateway.url}/nowhere`)).headers.get('x-request-id')).toMatch(/./);
  });

  it('may be in use once per API key', async () => {
    const keys = 'server: { drain: 0ms }\nauth: { keys: [{ name: a, key: ka }, { name: b, key: kb }] }';
    const { upstream, gateway } = await start({ ...chatCompletion('Hi'), isSilent: true }, keys);
    const first = ask(gateway, 'same', 'Bearer ka');
    await upstream.request(1);
    const second = await ask(gateway, 'same', 'Bearer ka');
    expect([second.status, await second.json()]).toMatchObject([409, { error: { code: 'request_id_in_use' } }]);
    const other = ask(gateway, 'same', 'Bearer kb');
    await upstream.request(2);
    upstream.answer(chatCompletion('Hi'));
    upstream.release();
    expect([(await first).status, (await other).status]).toEqual([200, 200]);
    expect((await ask(gateway, 'same', 'Bearer ka')).status).toBe(200);
  });
});

describe('x-sluice-* response headers', () => {
  const REACHED = [chatCompletion('Hi'), chatStream('Hi'), { status: 500 }, { status: 400 }] as const;
  it.each(REACHED)('are on every answer that reached a model (%#)', async (answer) => {
    const { gateway } = await start(answer);
    const askedAt = performance.now();
    const { headers } = await gateway.chat({ model: 'm-alias', stream: 'headers' in answer });
    expect(headers.get('x-sluice-model')).toBe('m');
    expect(headers.get('x-sluice-provider')).toBe('up');
    expect(headers.get('x-sluice-attempts')).toBe('1');
    const overheadMs = Number(headers.get('x-sluice-overhead-ms'));
    expect(overheadMs).toBeGreaterThan(0);
    expect(overheadMs).toBeLessThan(performance.now() - askedAt);
    expect(headers.has('x-sluice-dropped-params')).toBe(false);
  });

  it('are on no answer that reached no model', async () => {
    const { gateway } = await start({});
    const { headers } = await gateway.chat({ model: 'none' });
    expect([...headers.keys()].filter((name) => name.startsWith('x-sluice'))).toEqual([]);
  });

  it('x-sluice-model names the model of the registry, not the upstream id', async () => {
    const { upstream, gateway } = await start(chatCompletion('Hi'));
    expect(await (await gateway.chat({ model: 'm-alias' })).json()).toMatchObject({ model: 'm' });
    expect(upstream.requests[0]?.body).toMatchObject({ model: 'm-upstream' });
  });
});

describe('unsupported parameters (x-sluice-dropped-params)', () => {
  const GEMINI = { candidates: [{ content: { parts: [{ text: 'Hi' }], role: 'model' }, finishReason: 'STOP' }] };
  const asked = { model: 'g', logit_bias: { '1': 1 }, user: 'u' };

  async function startGemini(): Promise<{ upstream: TestUpstream; gateway: TestGateway }> {
    const upstream = await runUpstream({ body: JSON.stringify(GEMINI) });
    const gateway = await runGateway(
      `providers: { g: { kind: gemini, base_url: "${upstream.url}", api_key: k } }\nmodels: { g: { provider: g } }\n${ONE_ATTEMPT}`,
    );
    return { upstream, gateway };
  }

  it('are dropped and named in the header', async () => {
    const { gateway } = await startGemini();
    const response = await gateway.chat(asked);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sluice-dropped-params')?.split(', ')).toContain('logit_bias');
    const call = await requestsOf(gateway).one(response.headers.get('x-request-id') ?? '');
    expect(call.body.attempts?.[0]?.dropped_params).toContain('logit_bias');
  });

  it('are refused with 400 in strict mode (x-sluice-strict), before the provider is asked', async () => {
    const { upstream, gateway } = await startGemini();
    const response = await gateway.chat(asked, { headers: { 'x-sluice-strict': 'true' } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'unsupported_parameter', param: expect.stringMatching(/./), type: 'invalid_request_error' },
    });
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('the x-sluice-timeout header', () => {
  it('ends the call after that time', async () => {
    const { upstream, gateway } = await start({ isSilent: true });
    const response = await gateway.chat({}, { headers: { 'x-sluice-timeout': '80ms' } });
    expect([response.status, await response.json()]).toMatchObject([504, { error: { code: 'upstream_timeout' } }]);
    await (await upstream.request(1)).closed;
  });

  it.each(['soon', '10', '-1s', '0s', '1e9s'])('is refused with 400 when it is %s', async (value) => {
    const { gateway } = await start({});
    const response = await gateway.chat({}, { headers: { 'x-sluice-timeout': value } });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'invalid_value' } }]);
  });

  it('is never longer than timeouts.total', async () => {
    const { gateway } = await start({ isSilent: true }, 'timeouts: { total: 80ms }\nserver: { drain: 0ms }');
    const response = await gateway.chat({}, { headers: { 'x-sluice-timeout': '20s' } });
    const message = expect.stringContaining('within its 80 ms');
    expect([response.status, await response.json()]).toMatchObject([504, { error: { message } }]);
  });

  it('may be longer than a timer can be (setTimeout overflow)', async () => {
    const { gateway } = await start(chatCompletion('Hi'));
    expect((await gateway.chat({}, { headers: { 'x-sluice-timeout': '90d' } })).status).toBe(200);
  });
});
