import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/routing/explain.ts';
import { chatCompletion, chatStream } from '../support/chat-answers.ts';
import { A_TOOL, AUDIO, IMAGE, PDF } from '../support/chats.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { requestsOf } from '../support/requests.ts';
import { EVERY_VENDOR, shippedConfig } from '../support/shipped-auto.ts';
import { runUpstream } from '../support/upstream.ts';

interface Chosen extends Explanation {
  readonly error?: { readonly code: string; readonly param: string | null };
}

async function choose({ url }: TestGateway, body: unknown, headers = {}): Promise<Chosen & { status: number }> {
  const response = await fetch(`${url}/v1/router/choose`, { method: 'POST', body: JSON.stringify(body), headers });
  return { status: response.status, ...((await response.json()) as Chosen) };
}

function asking(content: unknown, parts: object = {}): object {
  return { messages: [{ role: 'user', content }], ...parts };
}

describe('POST /v1/router/choose with the shipped auto model, with the API keys of all providers', () => {
  it.each<[string, object, string, string, string | null]>([
    ['recent events', { message: 'What are recent events in Delhi?' }, 'sonar', 'perplexity', 'fresh-facts'],
    ['a price', { message: 'How much is the new iPhone?' }, 'sonar', 'perplexity', 'fresh-facts'],
    ['small talk', { message: 'Hello there!' }, 'gpt-6-luna', 'openai', 'rest'],
    ['code', asking('Fix the bug in this function: ```f()```'), 'gpt-6.2-sol', 'openai', 'code'],
    ['tools', asking('What is the weather today?', { tools: [A_TOOL] }), 'gpt-6.2-sol', 'openai', 'tools'],
    ['an image', asking([IMAGE]), 'gemini-3.8-flash', 'gemini', 'images'],
    ['a PDF', asking([PDF]), 'gemini-3.8-flash', 'gemini', 'pdf'],
    ['audio', asking([AUDIO]), 'gemini-3.8-flash', 'gemini', 'audio'],
    ['a long text', asking('word '.repeat(100_000)), 'gemini-3.8-flash', 'gemini', 'long-input'],
    ['hard thought', asking('Prove it', { reasoning_effort: 'max' }), 'gpt-6.2-sol', 'openai', 'hard'],
    ['a model by name', asking('Hi', { model: 'or/z-ai/glm-5.3' }), 'or/z-ai/glm-5.3', 'openrouter', null],
  ])('chooses for %s, without a provider request', async (_title, body, model, provider, rule) => {
    const upstream = await runUpstream();
    const gateway = await runGateway(shippedConfig(EVERY_VENDOR, upstream.url));
    expect(await choose(gateway, body)).toMatchObject({ status: 200, model, provider, rule });
    expect(upstream.requests).toEqual([]);
  });
});

const GROUP = (url: string): string => `
providers: { p: { kind: openai-compatible, base_url: "${url}" }, off: { kind: openai, api_key: "\${NO_KEY}" } }
auth: { keys: [{ name: a, key: key-a }, { name: b, key: key-b }] }
server: { drain: 0ms }
retry: { max_retries: 0 }
breaker: { failures: 1 }
models:
  blind: { provider: p, upstream: blind-1, capabilities: [tools], context_window: 8000, prices: [{ input: 1, output: 2 }] }
  seeing: { provider: p, capabilities: [vision] }
  dark: { provider: off }
  pair: { targets: [blind, seeing, dark], strategy: cheapest }
  auto:
    rules:
      - { name: for-b, when: { key: [b] }, use: [seeing] }
      - { name: by-header, when: { header: { x-team: blue } }, use: [seeing] }
      - { name: rest, use: [blind, seeing] }
`;
const KEY_A = { authorization: 'Bearer key-a' };
const KEY_B = { authorization: 'Bearer key-b' };

describe('the explanation of POST /v1/router/choose', () => {
  it('shows each candidate with cost, latency, error rate, circuit breaker and context window', async () => {
    const upstream = await runUpstream(chatStream('Hi'));
    const gateway = await runGateway(GROUP(upstream.url));
    await (await gateway.chat({ model: 'blind', stream: true }, { headers: KEY_A })).text();
    const chosen = await choose(gateway, { model: 'pair', ...asking('Hello', { max_tokens: 1000 }) }, KEY_A);
    expect(chosen).toMatchObject({
      model: 'blind',
      provider: 'p',
      reason: "blind comes first in 'pair' by 'cheapest'.",
      rule: null,
      route: 'pair: cheapest',
    });
    const [first, second, third] = chosen.candidates;
    expect(first).toEqual({
      model: 'blind',
      provider: 'p',
      upstream: 'blind-1',
      chosen: true,
      skipped: null,
      estimated_cost_usd: 0.002006,
      ttft_ms: { p50: expect.any(Number), p95: expect.any(Number) },
      error_rate: 0,
      breaker: 'closed',
      in_flight: 0,
      context_window: 8000,
      fits: true,
      dropped_params: [],
    });
    expect(second).toMatchObject({ model: 'seeing', chosen: false, estimated_cost_usd: null, fits: null });
    expect(third).toMatchObject({ model: 'dark', skipped: expect.stringContaining('NO_KEY'), breaker: null });
  });

  it('shows open circuit breakers, and the params that would be dropped', async () => {
    const upstream = await runUpstream({ status: 500 });
    const gateway = await runGateway(
      GROUP(upstream.url).replace('kind: openai-compatible', 'kind: openai, api_key: k'),
    );
    await gateway.chat({ model: 'blind' }, { headers: KEY_A });
    const chosen = await choose(gateway, { model: 'pair', ...asking('Hello', { top_k: 3 }) }, KEY_A);
    expect(chosen).toMatchObject({
      model: 'seeing',
      reason: 'seeing comes first of those whose circuit breaker is not open.',
    });
    expect(chosen.candidates[0]).toMatchObject({ model: 'blind', breaker: 'open', error_rate: 1, chosen: false });
    expect(chosen.candidates[1]).toMatchObject({ model: 'seeing', chosen: true, dropped_params: ['top_k'] });
  });

  it('follows rules on the API key and headers of the caller', async () => {
    const gateway = await runGateway(GROUP('http://127.0.0.1:9'));
    expect((await choose(gateway, { message: 'Hi' }, KEY_A)).rule).toBe('rest');
    expect((await choose(gateway, { message: 'Hi' }, KEY_B)).rule).toBe('for-b');
    expect((await choose(gateway, { message: 'Hi' }, { ...KEY_A, 'x-team': 'blue' })).rule).toBe('by-header');
  });

  it('gets 400 for an invalid request, 404 for an unknown model, 401 without a key', async () => {
    const gateway = await runGateway(GROUP('http://127.0.0.1:9'));
    expect(await choose(gateway, {}, KEY_A)).toMatchObject({ status: 400, error: { param: 'messages' } });
    expect(await choose(gateway, { message: 5 }, KEY_A)).toMatchObject({ status: 400 });
    expect(await choose(gateway, [], KEY_A)).toMatchObject({ status: 400 });
    expect(await choose(gateway, { model: 'none', message: 'Hi' }, KEY_A)).toMatchObject({ status: 404 });
    expect(await choose(gateway, { message: 'Hi' })).toMatchObject({ status: 401 });
    expect((await fetch(`${gateway.url}/v1/router/choose`, { headers: KEY_A })).status).toBe(405);
  });
});

describe('a routed call', () => {
  it('goes where the routing rules say, and x-sluice-route, its log line and its usage record have the route', async () => {
    const upstream = await runUpstream(chatCompletion('Hi'));
    const gateway = await runGateway(GROUP(upstream.url));
    const response = await gateway.chat({ model: 'auto' }, { headers: { ...KEY_A, 'x-team': 'blue' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sluice-route')).toBe('auto: rule by-header, order');
    expect(response.headers.get('x-sluice-model')).toBe('seeing');
    const id = response.headers.get('x-request-id') ?? '';
    expect((await requestsOf(gateway, 'key-a').one(id)).body.route).toBe('auto: rule by-header, order');
    expect(gateway.log.find((line) => line.includes('"msg":"call"'))).toContain(
      '"route":"auto: rule by-header, order"',
    );
  });

  it("that names its model has the route 'model', also when it fails", async () => {
    const upstream = await runUpstream({ status: 500 });
    const gateway = await runGateway(GROUP(upstream.url));
    const response = await gateway.chat({ model: 'seeing' }, { headers: KEY_A });
    expect([response.status, response.headers.get('x-sluice-route')]).toEqual([502, 'model']);
  });

  it('with an image is never routed to a model without vision', async () => {
    const upstream = await runUpstream(chatCompletion('A cat'));
    const gateway = await runGateway(GROUP(upstream.url));
    const response = await gateway.chat({ model: 'pair', ...asking([IMAGE]) }, { headers: KEY_A });
    expect(response.headers.get('x-sluice-model')).toBe('seeing');
    expect(upstream.requests.map(({ body }) => (body as { model: string }).model)).toEqual(['seeing']);
  });
});

describe('the demo model', () => {
  it('is what auto routes to without any provider key', async () => {
    const gateway = await runGateway(shippedConfig([]));
    const response = await gateway.chat({ model: 'auto' });
    expect([response.status, response.headers.get('x-sluice-model')]).toEqual([200, 'demo']);
    expect(response.headers.get('x-sluice-route')).toBe('auto: otherwise');
  });
});

describe('routing statistics', () => {
  it('survive a configuration reload', async () => {
    const upstream = await runUpstream(chatStream('Hi'));
    const gateway = await runGateway(GROUP(upstream.url));
    await (await gateway.chat({ model: 'seeing', stream: true }, { headers: KEY_A })).text();
    await gateway.reload(() => gateway.snapshot().config);
    const chosen = await choose(gateway, { model: 'seeing', message: 'Hi' }, KEY_A);
    expect(chosen.candidates[0]?.error_rate).toBe(0);
  });
});
