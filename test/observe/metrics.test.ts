import { describe, expect, it } from 'vitest';
import type { TranslatedCall } from '../../src/calls/call.ts';
import { noteBatch } from '../../src/calls/call.ts';
import { createMetrics, type Metrics, type MetricsContext } from '../../src/observe/metrics.ts';
import { createModelLabel } from '../../src/observe/model-label.ts';
import { buildCall, buildPassedCall, buildRegistry, type CallPlan } from '../support/ended-calls.ts';
import { type Family, parseMetrics, totalOf } from '../support/prometheus.ts';

function build(context: Partial<MetricsContext> = {}): Metrics {
  const registry = buildRegistry();
  return createMetrics({
    version: '1.2.3',
    modelLabel: createModelLabel(() => registry),
    callsInFlight: () => 3,
    breakers: () => [{ target: 'up/m', provider: 'up', state: 'open' }],
    lostRecords: () => 7,
    lostAnswers: () => 0,
    costOf: () => null,
    ...context,
  });
}

function observe(metrics: Metrics, call: TranslatedCall): void {
  for (const attempt of call.attempts) metrics.attemptEnded(call, attempt);
  metrics.callEnded(call);
}

async function afterCalls(...plans: readonly CallPlan[]): Promise<ReadonlyMap<string, Family>> {
  const metrics = build();
  for (const plan of plans) observe(metrics, buildCall(plan));
  return parseMetrics(await metrics.text());
}

describe('Prometheus metrics', () => {
  it('are valid Prometheus text, before and after calls', async () => {
    const before = await afterCalls();
    const after = await afterCalls({}, { error: 'upstream_error', tries: [{ failure: 'server' }] }, { stream: false });
    for (const families of [before, after]) {
      const ours = [...families.values()].filter(({ name }) => name.startsWith('sluice_'));
      expect(ours.length).toBeGreaterThan(15);
      for (const { name, type, help } of ours) {
        expect(help, name).toMatch(/^[A-Z].{15,}\.$/);
        expect(name.endsWith('_total'), name).toBe(type === 'counter');
        if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      }
      expect(families.has('process_resident_memory_bytes')).toBe(true);
    }
  });

  it('count calls by target, outcome and class of status', async () => {
    const families = await afterCalls(
      {},
      { error: 'upstream_timeout' },
      { error: 'rate_limit_exceeded' },
      { error: 'client_closed', outcome: 'cancelled' },
      { tries: [{ model: 'o' }] },
    );
    const count = (labels: Record<string, string>) => totalOf(families, 'sluice_calls_total', labels);
    expect(count({})).toBe(5);
    expect(count({ model: 'm', provider: 'up', status: '2xx', outcome: 'completed' })).toBe(1);
    expect(count({ model: 'o', provider: 'other' })).toBe(1);
    expect(count({ status: '5xx', outcome: 'failed' })).toBe(1);
    expect(count({ status: '4xx', outcome: 'failed' })).toBe(1);
    expect(count({ status: '4xx', outcome: 'cancelled' })).toBe(1);
    expect(totalOf(families, 'sluice_call_errors_total')).toBe(2);
  });

  it('count a call without an attempt for its first planned target', async () => {
    const families = await afterCalls({ tries: [], firstTokenAt: null, error: 'unsupported_parameter' });
    expect(totalOf(families, 'sluice_calls_total', { model: 'm', provider: 'up', status: '4xx' })).toBe(1);
  });

  it('count passthrough requests apart from chat, and their tokens and cost with all others', async () => {
    const metrics = build({ costOf: () => 0.25 });
    metrics.callEnded(buildPassedCall());
    metrics.callEnded(
      buildPassedCall({ outcome: 'cancelled', abortedAt: 200, tries: [{ model: 'up/made-up', endedAt: 204 }] }),
    );
    metrics.callEnded(buildPassedCall({ tries: [] }));
    const families = parseMetrics(await metrics.text());
    const passed = (labels: Record<string, string>) => totalOf(families, 'sluice_passthrough_requests_total', labels);
    expect(passed({ path: '/v1/embeddings', model: 'm', provider: 'up', status: '2xx', outcome: 'completed' })).toBe(1);
    expect(passed({ model: 'unlisted', outcome: 'cancelled' })).toBe(1);
    expect(totalOf(families, 'sluice_passthrough_bytes_total', { direction: 'request' })).toBe(6);
    expect(totalOf(families, 'sluice_passthrough_bytes_total', { direction: 'response' })).toBe(14);
    expect(totalOf(families, 'sluice_tokens_total', { kind: 'prompt' })).toBe(20);
    expect(totalOf(families, 'sluice_cost_usd_total')).toBe(0.5);
    expect(totalOf(families, 'sluice_calls_total')).toBe(0);
    expect(families.get('sluice_call_duration_seconds')?.series.size ?? 0).toBe(0);
    expect(families.get('sluice_cancel_duration_seconds')?.series.get('sluice_cancel_duration_seconds_count{}')).toBe(
      1,
    );
  });

  it('label models outside the registry as unlisted (cardinality)', async () => {
    const families = await afterCalls({ tries: [{ model: 'up/made-up-1' }] }, { tries: [{ model: 'up/made-up-2' }] });
    expect(totalOf(families, 'sluice_calls_total', { model: 'unlisted', provider: 'up' })).toBe(2);
    expect(JSON.stringify([...families.values()].map(({ series }) => [...series.keys()]))).not.toContain('made-up');
  });

  it('lose no count, however many targets there were and however often they were scraped', async () => {
    const metrics = build({ costOf: () => 0.25 });
    for (let call = 0; call < 250; call++) {
      observe(metrics, buildCall({ tries: [{ model: `up/made-up-${call}` }] }));
      if (call === 120) await metrics.text();
    }
    const families = parseMetrics(await metrics.text());
    expect(totalOf(families, 'sluice_calls_total', { status: '2xx', outcome: 'completed' })).toBe(250);
    expect(totalOf(families, 'sluice_attempts_total', { outcome: 'ok' })).toBe(250);
    expect(totalOf(families, 'sluice_tokens_total', { kind: 'prompt' })).toBe(2500);
    expect(totalOf(families, 'sluice_tokens_total', { kind: 'cached' })).toBe(1000);
    expect(totalOf(families, 'sluice_cost_usd_total')).toBe(62.5);
  });

  it('measure first token, latency, overhead and cancel', async () => {
    const families = await afterCalls(
      { firstTokenAt: 101, endedAt: 2000, tries: [{ startedAt: 2, firstTokenAt: 100 }] },
      { stream: false, endedAt: 500, tries: [{ startedAt: 1, endedAt: 499 }] },
      { error: 'request_cancelled', outcome: 'cancelled', abortedAt: 200, tries: [{ endedAt: 204 }] },
    );
    const histogram = (name: string, labels = '{}') => {
      const series = families.get(name)?.series;
      return [series?.get(`${name}_count${labels}`), series?.get(`${name}_sum${labels}`)];
    };
    const labels = '{model="m",provider="up"}';
    // A whole answer has no first token of its own.
    expect(histogram('sluice_time_to_first_token_seconds', labels)[0]).toBe(2);
    expect(histogram('sluice_call_duration_seconds', '{model="m",provider="up",status="2xx"}')).toEqual([2, 2.5]);
    const [overheads, overhead = 0] = histogram('sluice_gateway_overhead_seconds');
    expect(overheads).toBe(2);
    expect(overhead).toBeCloseTo(0.005);
    const [cancels, cancel = 0] = histogram('sluice_cancel_duration_seconds');
    expect(cancels).toBe(1);
    expect(cancel).toBeCloseTo(0.004);
  });

  it('observe the mean and the longest time between chunks once per stream', async () => {
    const metrics = build();
    const call = buildCall({ firstTokenAt: null });
    for (const after of [100, 110, 150, 160]) noteBatch(call, call.receivedAt + after);
    observe(metrics, call);
    const families = parseMetrics(await metrics.text());
    const sum = (name: string) => families.get(name)?.series.get(`${name}_sum{model="m",provider="up"}`);
    expect(sum('sluice_chunk_gap_mean_seconds')).toBeCloseTo(0.02);
    expect(sum('sluice_chunk_gap_max_seconds')).toBeCloseTo(0.04);
  });

  it('count attempts by outcome', async () => {
    const metrics = build();
    observe(metrics, buildCall({ tries: [{ failure: 'timeout' }, { failure: 'rate-limited' }, { model: 'o' }] }));
    const cancelled = buildCall({ error: 'client_closed', outcome: 'cancelled' });
    for (const attempt of cancelled.attempts) attempt.isAborted = true;
    observe(metrics, cancelled);
    const families = parseMetrics(await metrics.text());
    for (const outcome of ['timeout', 'rate-limited', 'ok', 'aborted']) {
      expect(totalOf(families, 'sluice_attempts_total', { outcome }), outcome).toBe(1);
    }
  });

  it('count retries, fallbacks and rescues (mid-stream failover) apart, for the target that failed', async () => {
    const families = await afterCalls(
      { tries: [{ failure: 'server' }, { failure: 'server' }, { model: 'o' }] },
      {
        tries: [
          { firstTokenAt: 50, failure: 'interrupted' },
          { model: 'o', rescue: 'continued' },
        ],
      },
      {
        tries: [
          { firstTokenAt: 50, failure: 'interrupted' },
          { model: 'o', failure: 'server', rescue: 'prefix' },
        ],
      },
    );
    expect(totalOf(families, 'sluice_retries_total', { model: 'm' })).toBe(1);
    expect(totalOf(families, 'sluice_fallbacks_total', { model: 'm' })).toBe(1);
    expect(totalOf(families, 'sluice_rescues_total', { model: 'm', way: 'continued', result: 'completed' })).toBe(1);
    expect(totalOf(families, 'sluice_rescues_total', { model: 'm', way: 'prefix', result: 'failed' })).toBe(1);
    expect(totalOf(families, 'sluice_rescues_total', { model: 'o' })).toBe(0);
  });

  it('count hedges for the target that was late, by the outcome of the other one', async () => {
    const families = await afterCalls(
      { tries: [{ failure: 'lost-race' }, { model: 'o', isHedge: true }] },
      { tries: [{}, { model: 'o', isHedge: true, failure: 'lost-race' }] },
      { tries: [{}, { model: 'o', isHedge: true, failure: 'server' }] },
    );
    for (const result of ['won', 'lost', 'failed']) {
      expect(totalOf(families, 'sluice_hedges_total', { model: 'm', result }), result).toBe(1);
    }
    expect(totalOf(families, 'sluice_fallbacks_total', {})).toBe(0);
  });

  it('find the attempt whose end led to the next one, also after a hedge race', async () => {
    const families = await afterCalls({
      tries: [
        { failure: 'server', endedAt: 300 },
        { model: 'o', isHedge: true, failure: 'server', endedAt: 200 },
        { startedAt: 300 },
      ],
    });
    expect(totalOf(families, 'sluice_retries_total', { model: 'm' })).toBe(1);
    expect(totalOf(families, 'sluice_fallbacks_total', {})).toBe(0);
  });

  it('count stream anomalies by kind', async () => {
    const broken = (failure: 'timeout' | 'interrupted' | 'server', firstTokenAt: number | null, stream = true) => ({
      stream,
      error: 'upstream_error' as const,
      tries: [{ failure, firstTokenAt }],
    });
    const families = await afterCalls(
      broken('timeout', null),
      broken('timeout', 50),
      broken('interrupted', 50),
      broken('server', 50),
      // Refused before it began, and no stream at all.
      broken('server', null),
      broken('interrupted', null, false),
    );
    expect(totalOf(families, 'sluice_stream_anomalies_total')).toBe(4);
    for (const kind of ['silent', 'stalled', 'interrupted', 'error']) {
      expect(totalOf(families, 'sluice_stream_anomalies_total', { kind }), kind).toBe(1);
    }
  });

  it('sum up tokens by kind, of failed attempts too', async () => {
    const families = await afterCalls({ tries: [{ firstTokenAt: 9, failure: 'interrupted' }, { model: 'o' }] });
    const tokens = (kind: string, model: string) => totalOf(families, 'sluice_tokens_total', { kind, model });
    for (const model of ['m', 'o']) {
      expect(['prompt', 'completion', 'cached', 'reasoning'].map((kind) => tokens(kind, model))).toEqual([10, 5, 4, 2]);
    }
  });

  it('sum up the known cost', async () => {
    const metrics = build({ costOf: ({ number }) => (number === 1 ? null : 0.25) });
    observe(metrics, buildCall({ tries: [{ failure: 'server' }, { model: 'o' }] }));
    const families = parseMetrics(await metrics.text());
    expect(totalOf(families, 'sluice_cost_usd_total', { model: 'o', provider: 'other' })).toBe(0.25);
    expect(totalOf(families, 'sluice_cost_usd_total')).toBe(0.25);
  });

  it('read gauges at a scrape, and again at the next one', async () => {
    const metrics = build();
    metrics.configReloaded(true);
    metrics.configReloaded(false);
    metrics.configReloaded(false);
    await metrics.text();
    const families = parseMetrics(await metrics.text());
    expect(totalOf(families, 'sluice_calls_in_flight')).toBe(3);
    expect(totalOf(families, 'sluice_usage_records_lost_total')).toBe(7);
    expect(totalOf(families, 'sluice_breaker_state', { target: 'up/m', provider: 'up' })).toBe(2);
    expect(totalOf(families, 'sluice_build_info', { version: '1.2.3', node: process.version })).toBe(1);
    expect(totalOf(families, 'sluice_config_reloads_total', { result: 'success' })).toBe(1);
    expect(totalOf(families, 'sluice_config_reloads_total', { result: 'failure' })).toBe(2);
  });
});
