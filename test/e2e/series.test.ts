import { describe, expect, it } from 'vitest';
import { type JsonRecord, recordsOf } from '../../src/protocol/json.ts';
import { runGateway } from '../support/gateway.ts';
import { askOf } from '../support/managed.ts';

const DEMO = 'server: { drain: 0ms }\nproviders: { demo: { kind: demo } }\n';
const KEYS =
  'auth: { keys: [{ name: boss, key: key-of-the-boss, admin: true }, { name: plain, key: key-of-a-client }] }\n';

async function seriesOf(url: string, query: string, key = ''): Promise<readonly JsonRecord[]> {
  const headers = { authorization: `Bearer ${key}` };
  return recordsOf(await (await fetch(`${url}/metrics/performance/series${query}`, { headers })).json());
}

function callsIn(series: readonly JsonRecord[]): number {
  return series.reduce((sum, { calls }) => sum + Number(calls), 0);
}

describe('GET /metrics/performance/series', () => {
  it('has an hour of minutes, the last one with what ended just now', async () => {
    const gateway = await runGateway(DEMO);
    await (await gateway.chat({ model: 'demo', stream: true })).text();
    const series = await seriesOf(gateway.url, '');
    expect(series).toHaveLength(60);
    expect(callsIn(series)).toBe(1);
    const busy = series.findLast(({ calls }) => calls === 1);
    expect(busy).toMatchObject({ errors: 0, ttft: { p50: expect.any(Number) }, latency: { p95: expect.any(Number) } });
    const starts = series.map(({ at }) => Date.parse(String(at)));
    expect(starts.every((start, index) => start % 60_000 === 0 && start === (starts[0] ?? 0) + index * 60_000)).toBe(
      true,
    );
  });

  it('shows a key its own calls alone, an admin those of all', async () => {
    const gateway = await runGateway(DEMO + KEYS);
    for (const key of ['key-of-the-boss', 'key-of-a-client'])
      await (await gateway.chat({ model: 'demo' }, { headers: { authorization: `Bearer ${key}` } })).text();
    expect(callsIn(await seriesOf(gateway.url, '?bucket=1h&n=2', 'key-of-a-client'))).toBe(1);
    expect(callsIn(await seriesOf(gateway.url, '?bucket=1h&n=2', 'key-of-the-boss'))).toBe(2);
    expect(await askOf(gateway.url, null)('GET', '/metrics/performance/series')).toMatchObject({ status: 401 });
  });

  it.each([
    ['bucket', 'bucket=0s'],
    ['bucket', 'bucket=2d'],
    ['bucket', 'bucket=often'],
    ['n', 'n=0'],
    ['n', 'n=1441'],
    ['n', 'n=1.5'],
    ['buckets', 'buckets=1m'],
  ])('refuses %s in ?%s', async (param, query) => {
    const gateway = await runGateway(DEMO);
    const { status, body } = await askOf(gateway.url, null)('GET', `/metrics/performance/series?${query}`);
    expect([status, body]).toMatchObject([400, { error: { code: 'invalid_value', param } }]);
  });
});
