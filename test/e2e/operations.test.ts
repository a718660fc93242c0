import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { load } from '../support/config-files.ts';
import { openGateway, runGateway, type TestGateway } from '../support/gateway.ts';
import { type Family, parseMetrics, totalOf } from '../support/prometheus.ts';

const DEMO =
  'providers: { demo: { kind: demo } }\nmodels: { twin: { provider: demo, upstream: "demo:500", fallbacks: [demo] } }\n' +
  'retry: { max_retries: 1, initial_delay: 1ms, max_delay: 2ms }\nbreaker: { failures: 100000 }\nserver: { drain: 0ms }\n';

let gateway: TestGateway;

/** How a hundred calls are made up. */
const MIX = [
  { count: 30, body: { model: 'demo', stream: true } },
  { count: 20, body: { model: 'demo' } },
  { count: 10, body: { model: 'twin', stream: true } },
  { count: 5, body: { model: 'demo/of-my-own' } },
  { count: 5, body: { model: 'demo:500' } },
  { count: 5, body: { model: 'demo:reset', stream: true } },
  { count: 5, body: { model: 'demo:cut', stream: true } },
  { count: 10, body: { model: 'demo', tool_choice: 'required' } },
] as const;
const CANCELLED = 10;

beforeAll(async () => {
  gateway = await openGateway(DEMO);
  const calls = MIX.flatMap(({ count, body }) => Array.from({ length: count }, () => body));
  const running = calls.map(async (body) => (await gateway.chat(body)).text());
  await Promise.all([...running, ...Array.from({ length: CANCELLED }, (_, number) => cancel(`cancelled-${number}`))]);
  // A client may see the end of its answer a moment before it is on record.
  const countCalls = async () => expect((await get('/metrics/performance'))['calls']).toBe(100);
  await vi.waitFor(countCalls, { interval: 5, timeout: 10_000 });
});

afterAll(() => gateway.close());

/** Starts a stream that does not end by itself, and cancels it by `DELETE` at its first chunk. */
async function cancel(id: string): Promise<void> {
  const response = await gateway.chat({ model: 'demo:stall', stream: true }, { headers: { 'x-request-id': id } });
  const reader = response.body?.getReader();
  await reader?.read();
  expect((await fetch(`${gateway.url}/v1/requests/${id}`, { method: 'DELETE' })).status).toBe(200);
  while (!(await reader?.read())?.done);
}

async function get(path: string, headers: Record<string, string> = {}): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(gateway.url + path, { headers });
  expect(response.status).toBe(200);
  return recordOf(await response.json());
}

async function scrape(): Promise<ReadonlyMap<string, Family>> {
  return parseMetrics(await (await fetch(`${gateway.url}/metrics`)).text());
}

describe('after a hundred mixed calls', () => {
  it('/metrics is valid Prometheus text', async () => {
    const response = await fetch(`${gateway.url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parseMetrics(await response.text()).size).toBeGreaterThan(40);
  });

  it('/metrics counts calls, attempts, retries, fallbacks, tokens and anomalies', async () => {
    const families = await scrape();
    const total = (name: string, labels: Record<string, string> = {}) => totalOf(families, name, labels);
    expect(total('sluice_calls_total')).toBe(100);
    expect(total('sluice_calls_total', { outcome: 'completed' })).toBe(65);
    expect(total('sluice_calls_total', { outcome: 'cancelled', model: 'demo:stall', provider: 'demo' })).toBe(
      CANCELLED,
    );
    expect(total('sluice_calls_total', { status: '5xx' })).toBe(15);
    expect(total('sluice_calls_total', { model: 'unlisted' })).toBe(5);
    expect(total('sluice_call_errors_total')).toBe(15);
    expect(total('sluice_fallbacks_total', { model: 'twin' })).toBe(10);
    expect(total('sluice_retries_total')).toBeGreaterThan(0);
    expect(total('sluice_attempts_total', { outcome: 'invalid-request' })).toBe(10);
    expect(total('sluice_attempts_total', { outcome: 'aborted' })).toBe(CANCELLED);
    expect(total('sluice_stream_anomalies_total', { model: 'demo:cut', kind: 'interrupted' })).toBe(5);
    for (const kind of ['prompt', 'completion']) expect(total('sluice_tokens_total', { kind })).toBeGreaterThan(100);
    expect(total('sluice_calls_in_flight')).toBe(0);
    expect(total('sluice_breaker_state')).toBe(0);
  });

  it('/metrics histograms have each duration measured as often as it occurred', async () => {
    const families = await scrape();
    const count = (name: string) => {
      const series = [...(families.get(name)?.series ?? [])].filter(([key]) => key.startsWith(`${name}_count`));
      return series.reduce((sum, [, value]) => sum + value, 0);
    };
    expect(count('sluice_call_duration_seconds')).toBe(100);
    // Streams that spoke: 30 of demo, 10 fallbacks, 5 cut, 10 cancelled.
    expect(count('sluice_time_to_first_token_seconds')).toBe(55);
    expect(count('sluice_gateway_overhead_seconds')).toBe(65);
    expect(count('sluice_cancel_duration_seconds')).toBe(CANCELLED);
    expect(count('sluice_chunk_gap_mean_seconds')).toBeGreaterThanOrEqual(45);
  });

  it('/metrics/performance has its documented shape, and fails the error rate goal alone', async () => {
    const report = await get('/metrics/performance');
    const percentiles = {
      p50: expect.any(Number),
      p90: expect.any(Number),
      p95: expect.any(Number),
      p99: expect.any(Number),
    };
    const check = { target: expect.any(Number), value: expect.any(Number), passing: true };
    expect(report).toEqual({
      calls: 100,
      ttft: percentiles,
      latency: percentiles,
      tokens: { prompt: expect.any(Number), completion: expect.any(Number), total: expect.any(Number) },
      errors: { count: 15, rate: 0.15 },
      retries: { count: expect.any(Number) },
      by_provider: { demo: expect.objectContaining({ calls: 100, errors: { count: 15, rate: 0.15 } }) },
      by_model: expect.objectContaining({
        'demo:500': expect.objectContaining({ calls: 5, errors: { count: 5, rate: 1 } }),
        unlisted: expect.objectContaining({ calls: 5 }),
      }),
      targets: {
        ttft_p95: check,
        latency_p50: check,
        latency_p95: check,
        error_rate: { target: 0.01, value: 0.15, passing: false },
        cancel_p95: check,
        passing: false,
      },
    });
  });

  it.each([
    ['1', 1],
    ['10000', 100],
  ])('/metrics/performance looks at the last %s', async (lastN, calls) => {
    expect(await get(`/metrics/performance?last_n=${lastN}`)).toMatchObject({ calls });
  });

  it.each(['0', '-1', '10001', '1.5', 'all', '', '1&last_n=2', '1e3', '9'.repeat(400)])(
    '/metrics/performance refuses to look at the last %s',
    async (lastN) => {
      const response = await fetch(`${gateway.url}/metrics/performance?last_n=${lastN}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: 'invalid_value', param: 'last_n' } });
    },
  );

  it('/health without API keys shows the summary to every client, and names no model', async () => {
    const health = await get('/health');
    expect(health).toMatchObject({
      status: 'ok',
      version: '0.0.0-test',
      uptime_seconds: expect.any(Number),
      calls_in_flight: 0,
      breakers_open: 0,
      lost_usage_records: 0,
      performance: { calls: 100, errors: { count: 15 }, targets: { passing: false } },
    });
    expect(JSON.stringify(health)).not.toMatch(/demo|twin/);
    expect(await get('/ready')).toEqual({ status: 'ready' });
  });

  it('a wrong method gets 405 method_not_allowed in the usual envelope', async () => {
    for (const path of ['/metrics', '/metrics/performance']) {
      const response = await fetch(gateway.url + path, { method: 'POST' });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
      expect(await response.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
    }
    expect((await fetch(`${gateway.url}/metrics/other`)).status).toBe(404);
  });
});

describe('a gateway that has served no call', () => {
  it('passes /metrics/performance, with nothing measured', async () => {
    const fresh = await runGateway(DEMO);
    const report = await (await fetch(`${fresh.url}/metrics/performance`)).json();
    expect(report).toMatchObject({ calls: 0, ttft: { p95: null }, errors: { rate: null }, targets: { passing: true } });
    expect(parseMetrics(await (await fetch(`${fresh.url}/metrics`)).text()).size).toBeGreaterThan(40);
  });

  it('shows an open circuit breaker in /health and /metrics', async () => {
    const broken = await runGateway(DEMO.replace('100000', '1'));
    await broken.chat({ model: 'demo:500' });
    expect(await (await fetch(`${broken.url}/health`)).json()).toMatchObject({ breakers_open: 1 });
    const families = parseMetrics(await (await fetch(`${broken.url}/metrics`)).text());
    expect(totalOf(families, 'sluice_breaker_state', { target: 'demo/demo:500' })).toBe(2);
  });

  it('counts configuration reloads, good ones and bad ones, in /metrics', async () => {
    const fresh = await runGateway(DEMO);
    await fresh.reload(() => load(DEMO));
    await expect(fresh.reload(() => load('providers: 1'))).rejects.toThrow();
    const families = parseMetrics(await (await fetch(`${fresh.url}/metrics`)).text());
    expect(totalOf(families, 'sluice_config_reloads_total', { result: 'success' })).toBe(1);
    expect(totalOf(families, 'sluice_config_reloads_total', { result: 'failure' })).toBe(1);
    expect((await fresh.chat({ model: 'demo' })).status).toBe(200);
  });
});

describe('with API keys configured', () => {
  const KEYS = `${DEMO}auth: { keys: [{ name: a, key: key-a }, { name: b, key: key-b }, { name: o, key: key-o, admin: true }] }\n`;
  const PATHS = ['/metrics', '/metrics/performance'];
  const as = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } });
  const ask = async ({ url }: TestGateway, path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, init);
    return { status: response.status, body: recordOf(await response.json()) };
  };

  it('/metrics requires one (401)', async () => {
    const running = await runGateway(KEYS);
    for (const path of PATHS) {
      for (const init of [{}, as('wrong')]) {
        expect(await ask(running, path, init)).toMatchObject({
          status: 401,
          body: { error: { code: 'invalid_api_key' } },
        });
      }
    }
  });

  it('/metrics of all keys require an admin key (403)', async () => {
    const running = await runGateway(KEYS);
    const error = { code: 'route_not_allowed', type: 'invalid_request_error' };
    expect(await ask(running, '/metrics', as('key-a'))).toMatchObject({ status: 403, body: { error } });
    expect((await fetch(`${running.url}/metrics`, as('key-o'))).status).toBe(200);
  });

  it('/metrics/performance shows a plain key its own calls alone, an admin key those of all', async () => {
    const running = await runGateway(KEYS);
    await (await running.chat({ model: 'demo' }, as('key-a'))).text();
    for (let count = 0; count < 2; count++) await (await running.chat({ model: 'demo:500' }, as('key-b'))).text();
    const performanceOf = async (key: string) => (await ask(running, '/metrics/performance?last_n=9', as(key))).body;
    const [own, others, all] = [
      await performanceOf('key-a'),
      await performanceOf('key-b'),
      await performanceOf('key-o'),
    ];
    expect(own).toMatchObject({ calls: 1, errors: { count: 0 }, targets: { passing: true } });
    expect(Object.keys(recordOf(own['by_model']))).toEqual(['demo']);
    expect(others).toMatchObject({ calls: 2, errors: { count: 2 } });
    expect(all).toMatchObject({ calls: 3, by_model: { demo: { calls: 1 }, 'demo:500': { calls: 2 } } });
    expect(Object.keys(own)).toEqual(Object.keys(all));
  });

  it('/metrics require none when metrics.public is set, and show the calls of all keys', async () => {
    const running = await runGateway(`${KEYS}metrics: { public: true }\n`);
    await (await running.chat({ model: 'demo' }, as('key-a'))).text();
    expect((await fetch(`${running.url}/metrics`)).status).toBe(200);
    expect(await ask(running, '/metrics/performance')).toMatchObject({ status: 200, body: { calls: 1 } });
    expect((await ask(running, '/metrics/performance', as('key-b'))).body).toMatchObject({ calls: 1 });
    expect((await fetch(`${running.url}/v1/models`)).status).toBe(401);
  });

  it('/health and /ready require none, and /health shows the load to an admin alone', async () => {
    const running = await runGateway(KEYS);
    const alive = { status: 'ok', version: '0.0.0-test', uptime_seconds: expect.any(Number) };
    for (const init of [{}, as('wrong'), as('key-a'), { headers: { authorization: 'Basic eA==' } }]) {
      expect(await ask(running, '/health', init)).toEqual({ status: 200, body: alive });
      expect(await ask(running, '/ready', init)).toEqual({ status: 200, body: { status: 'ready' } });
    }
    const load = { calls_in_flight: 0, breakers_open: 0, lost_usage_records: 0, performance: { calls: 0 } };
    expect((await ask(running, '/health', as('key-o'))).body).toMatchObject({ ...alive, ...load });
  });
});
