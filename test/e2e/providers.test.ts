import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { askOf } from '../support/managed.ts';
import { runUpstream } from '../support/upstream.ts';

const KEYS =
  'auth: { keys: [{ name: boss, key: key-of-the-boss, admin: true }, { name: plain, key: key-of-a-client }] }\n';
const SETTINGS =
  'server: { drain: 0ms }\nretry: { max_retries: 0 }\nbreaker: { failures: 1, open_for: 1h }\n' +
  `providers: { demo: { kind: demo }, gemini: { kind: gemini, api_key: "\${G_KEY}" } }\n` +
  'models: { a: { provider: demo, upstream: "demo:500" }, stalls: { provider: demo, upstream: "demo:stall" } }\n';

async function providersOf(gateway: TestGateway): Promise<ReadonlyMap<unknown, Readonly<Record<string, unknown>>>> {
  const list = recordsOf(await (await fetch(`${gateway.url}/v1/providers`)).json());
  return new Map(list.map((provider) => [provider['name'], provider]));
}

function targetOf(provider: Readonly<Record<string, unknown>> | undefined, id: string): unknown {
  return recordsOf(provider?.['targets']).find(({ target }) => target === id);
}

describe('GET /v1/providers', () => {
  it('has every provider, also one that cannot be asked, with what it lacks', async () => {
    const providers = await providersOf(await runGateway(SETTINGS));
    expect([...providers.keys()]).toEqual(['demo', 'gemini']);
    expect(providers.get('gemini')).toEqual({
      name: 'gemini',
      kind: 'gemini',
      configured: false,
      env: 'G_KEY',
      keys: { total: 0, resting: 0 },
      in_flight: 0,
      targets: [],
      last_failure: null,
    });
    expect(targetOf(providers.get('demo'), 'demo/demo:500')).toEqual({
      target: 'demo/demo:500',
      breaker: 'closed',
      until: null,
      ttft_ms: { p50: null, p95: null },
      error_rate: null,
    });
  });

  it('has what failed, and the breaker that has opened', async () => {
    const gateway = await runGateway(SETTINGS);
    await (await gateway.chat({ model: 'a' })).text();
    await (await gateway.chat({ model: 'demo', stream: true })).text();
    const demo = (await providersOf(gateway)).get('demo');
    expect(demo).toMatchObject({
      configured: true,
      last_failure: { kind: 'server', status: 500, target: 'demo/demo:500', at: expect.stringMatching(/Z$/) },
    });
    expect(targetOf(demo, 'demo/demo:500')).toMatchObject({
      breaker: 'open',
      error_rate: 1,
      until: expect.any(String),
    });
    expect(targetOf(demo, 'demo/demo')).toMatchObject({
      ...{ breaker: 'closed', until: null, error_rate: 0 },
      ttft_ms: { p50: expect.any(Number) },
    });
  });

  it('does not hold against a provider what its client has done wrong', async () => {
    const gateway = await runGateway(SETTINGS);
    expect((await gateway.chat({ model: 'demo', tool_choice: 'required' })).status).toBe(400);
    expect((await providersOf(gateway)).get('demo')).toMatchObject({ last_failure: null });
  });

  it('counts the keys that rest', async () => {
    const upstream = await runUpstream({ status: 429, body: '{"error":{"message":"slow down"}}' });
    const gateway = await runGateway(
      `server: { drain: 0ms }\nretry: { max_retries: 0 }\nproviders:\n  up: { kind: openai-compatible, base_url: "${upstream.url}/v1", api_keys: [first-key, second-key, third-key] }\nmodels: { m: { provider: up } }\n`,
    );
    await (await gateway.chat({})).text();
    const up = (await providersOf(gateway)).get('up');
    expect(up).toMatchObject({ keys: { total: 3, resting: 3 }, last_failure: { kind: 'rate-limited', status: 429 } });
    expect(JSON.stringify(up)).not.toMatch(/(first|second|third)-key/);
  });

  it('counts the calls in flight', async () => {
    const gateway = await runGateway(SETTINGS);
    const response = await gateway.chat({ model: 'stalls', stream: true });
    const reader = response.body?.getReader();
    await reader?.read();
    expect((await providersOf(gateway)).get('demo')).toMatchObject({ in_flight: 1 });
    await reader?.cancel();
    await expect.poll(async () => (await providersOf(gateway)).get('demo')?.['in_flight']).toBe(0);
  });

  it('is for an admin alone', async () => {
    const { url } = await runGateway(SETTINGS + KEYS);
    expect(await askOf(url, null)('GET', '/v1/providers')).toMatchObject({ status: 401 });
    const plain = await askOf(url, 'key-of-a-client')('GET', '/v1/providers');
    expect(plain).toMatchObject({ status: 403, code: 'route_not_allowed' });
    expect(await askOf(url, 'key-of-the-boss')('GET', '/v1/providers')).toMatchObject({ status: 200 });
    expect(await askOf(url, 'key-of-the-boss')('DELETE', '/v1/providers')).toMatchObject({ status: 405 });
  });
});
