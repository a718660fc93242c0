import { afterEach, describe, expect, it } from 'vitest';
import { resolveTargets } from '../../src/config/config.ts';
import { createModelLabel } from '../../src/observe/model-label.ts';
import { createRecentCalls, type RecentCalls } from '../../src/observe/recent-calls.ts';
import { buildCall, buildPassedCall, buildRegistry, type CallPlan } from '../support/ended-calls.ts';

let targets = resolveTargets();
afterEach(() => {
  targets = resolveTargets();
});

function afterCalls(...plans: readonly CallPlan[]): RecentCalls {
  const registry = buildRegistry();
  const window = createRecentCalls(
    createModelLabel(() => registry),
    () => targets,
  );
  for (const plan of plans) window.callEnded(buildCall(plan));
  return window;
}

describe('the recent calls of /metrics/performance', () => {
  it('hold chat alone: a passthrough upload of ten minutes is no slow answer', () => {
    const window = afterCalls({});
    window.callEnded(buildPassedCall({ endedAt: 600_000 }));
    expect(window.report(100, null)).toEqual(afterCalls({}).report(100, null));
  });

  it('are empty at first: nothing measured, and no goal missed', () => {
    const none = { p50: null, p90: null, p95: null, p99: null };
    expect(afterCalls().report(100, null)).toEqual({
      calls: 0,
      ttft: none,
      latency: none,
      tokens: { prompt: 0, completion: 0, total: 0 },
      errors: { count: 0, rate: null },
      retries: { count: 0 },
      by_provider: {},
      by_model: {},
      targets: {
        ttft_p95: { target: 1500, value: null, passing: true },
        latency_p50: { target: 3500, value: null, passing: true },
        latency_p95: { target: 6000, value: null, passing: true },
        error_rate: { target: 0.01, value: null, passing: true },
        cancel_p95: { target: 300, value: null, passing: true },
        passing: true,
      },
    });
  });

  it('are checked against the goals (targets) of the current configuration', () => {
    const window = afterCalls({ firstTokenAt: 800, endedAt: 2000 });
    expect(window.report(9, null).targets).toMatchObject({ ttft_p95: { target: 1500, passing: true }, passing: true });
    targets = resolveTargets({ ttft_p95: 799, error_rate: 0.5 });
    for (const summary of [window.report(9, null), window.summary(9)])
      expect(summary.targets).toMatchObject({
        ttft_p95: { target: 799, value: 800, passing: false },
        latency_p50: { target: 3500, passing: true },
        error_rate: { target: 0.5, passing: true },
        passing: false,
      });
  });

  it('give percentiles by nearest rank', () => {
    const window = afterCalls(
      ...Array.from({ length: 100 }, (_, at) => ({ firstTokenAt: at + 1, endedAt: 1000 + at })),
    );
    const { ttft, latency } = window.report(100, null);
    expect(ttft).toEqual({ p50: 50, p90: 90, p95: 95, p99: 99 });
    expect(latency).toEqual({ p50: 1049, p90: 1089, p95: 1094, p99: 1098 });
  });

  it('look at the newest calls only (last_n), also when the ring buffer has wrapped', () => {
    const window = afterCalls({ endedAt: 9000 }, { endedAt: 200 }, { endedAt: 300 });
    expect(window.report(2, null).latency).toMatchObject({ p50: 200, p99: 300 });
    for (let count = 0; count < window.maxCalls + 5; count++) window.callEnded(buildCall({ endedAt: 400 + count }));
    expect(window.report(10, null).calls).toBe(10);
    expect(window.report(1, null).latency.p50).toBe(400 + window.maxCalls + 4);
    expect(window.report(window.maxCalls, null)).toMatchObject({ calls: window.maxCalls, latency: { p99: 10_304 } });
  });

  it('look at the calls of one API key alone, at its last ones', () => {
    const window = afterCalls({ key: 'b', endedAt: 100 }, { key: 'b', endedAt: 200, tries: [{ model: 'o' }] });
    for (let count = 0; count < 50; count++) window.callEnded(buildCall({ endedAt: 9000 }));
    const { calls, latency, by_provider, by_model, targets } = window.report(100, 'b');
    expect([calls, latency.p99, targets.passing]).toEqual([2, 200, true]);
    expect([Object.keys(by_provider), Object.keys(by_model)]).toEqual([
      ['other', 'up'],
      ['m', 'o'],
    ]);
    expect(window.report(1, 'b').latency.p50).toBe(200);
    expect(window.report(100, 'nobody').calls).toBe(0);
    expect(window.report(100, null).calls).toBe(52);
  });

  it('group by provider and by model', () => {
    const { by_provider, by_model } = afterCalls({}, { tries: [{ model: 'n' }] }, { tries: [{ model: 'o' }] }).report(
      9,
      null,
    );
    expect(by_provider).toMatchObject({ other: { calls: 1 }, up: { calls: 2 } });
    expect(by_model).toMatchObject({ m: { calls: 1 }, n: { calls: 1 }, o: { calls: 1 } });
    expect(Object.keys(by_model['m'] ?? {})).toEqual(['calls', 'ttft', 'latency', 'tokens', 'errors', 'retries']);
  });

  it('group models outside the registry as unlisted', () => {
    const { by_model } = afterCalls({ tries: [{ model: 'up/made-up' }] }).report(1, null);
    expect(Object.keys(by_model)).toEqual(['unlisted']);
  });

  it('count as errors the failures of the provider or the gateway', () => {
    const faults = ['upstream_error', 'upstream_timeout', 'internal_error', 'rate_limit_exceeded'] as const;
    const mistakes = ['invalid_request_error', 'model_not_found', 'content_policy_violation'] as const;
    const window = afterCalls(...[...faults, ...mistakes].map((error) => ({ error })), {
      error: 'request_cancelled',
      outcome: 'cancelled',
    });
    expect(window.report(100, null).errors).toEqual({ count: 4, rate: 0.5 });
  });

  it('count retries, not fallbacks, and the tokens of failed attempts', () => {
    const report = afterCalls({
      tries: [{ failure: 'server' }, { failure: 'interrupted', firstTokenAt: 5 }, { model: 'o' }],
    }).report(1, null);
    expect(report.retries.count).toBe(1);
    expect(report.tokens).toEqual({ prompt: 20, completion: 10, total: 30 });
  });

  it('measure the first token of streams and the latency of whole answers', () => {
    const window = afterCalls({ stream: false }, { error: 'upstream_error' }, { endedAt: 250, firstTokenAt: 40 });
    const { ttft, latency } = window.report(3, null);
    expect(ttft.p50).toBe(40);
    expect([latency.p50, latency.p99]).toEqual([250, 500]);
  });

  it('measure a cancel from the abort to the closed exchange', () => {
    const cancelled = { abortedAt: 300, outcome: 'cancelled', error: 'request_cancelled' } as const;
    const closed = { ...cancelled, tries: [{ endedAt: 307 }] };
    const betweenAttempts = { ...cancelled, tries: [{ endedAt: 100, failure: 'server' }] } as const;
    expect(afterCalls(closed, betweenAttempts).report(2, null).targets.cancel_p95).toMatchObject({ value: 7 });
  });

  it.each([
    ['ttft_p95', { firstTokenAt: 1501, endedAt: 2000 }],
    ['latency_p50', { endedAt: 3501 }],
    ['latency_p95', { endedAt: 6001 }],
    ['error_rate', { error: 'upstream_error' }],
    ['cancel_p95', { abortedAt: 100, tries: [{ endedAt: 400 }], outcome: 'cancelled', error: 'client_closed' }],
  ] as const)('miss the goal %s', (name, plan) => {
    const { targets } = afterCalls(plan).summary(1);
    expect(targets[name].passing).toBe(false);
    expect(targets.passing).toBe(false);
  });

  it('pass at exactly the goal', () => {
    expect(afterCalls({ firstTokenAt: 1500, endedAt: 3500 }).summary(1).targets.passing).toBe(true);
  });
});

describe('the recent calls by time', () => {
  // 2025-10-09T08:53:20Z; calls end so many milliseconds later.
  const CAME = 1_760_000_000_000;
  const MINUTE = 60_000;
  const none = { p50: null, p95: null };
  const range = (now: number, count: number) => ({ bucketMs: MINUTE, count, now: CAME + now });

  it('are in the stretch in which they ended, the oldest first, with empty ones between', () => {
    const window = afterCalls(
      { firstTokenAt: 10, endedAt: 1000 },
      { firstTokenAt: 30, endedAt: 39_999, error: 'upstream_error' },
      { firstTokenAt: 50, endedAt: 40_000 + MINUTE },
    );
    expect(window.series(range(45_000 + MINUTE, 3), null)).toEqual([
      {
        at: '2025-10-09T08:53:00.000Z',
        calls: 2,
        errors: 1,
        ttft: { p50: 10, p95: 30 },
        latency: { p50: 1000, p95: 1000 },
      },
      { at: '2025-10-09T08:54:00.000Z', calls: 0, errors: 0, ttft: none, latency: none },
      {
        at: '2025-10-09T08:55:00.000Z',
        calls: 1,
        errors: 0,
        ttft: { p50: 50, p95: 50 },
        latency: { p50: 100_000, p95: 100_000 },
      },
    ]);
    expect(window.series(range(45_000 + MINUTE, 1), null)).toMatchObject([{ calls: 1 }]);
  });

  it('are those of one key where it asks', () => {
    const window = afterCalls({ key: 'b' }, {}, {});
    expect(window.series(range(500, 1), 'b')).toMatchObject([{ calls: 1 }]);
    expect(window.series(range(500, 1), 'nobody')).toMatchObject([{ calls: 0 }]);
  });

  it('leave out what is no longer remembered as a whole', () => {
    const window = afterCalls({ endedAt: 0 });
    for (let count = 0; count < window.maxCalls; count++) window.callEnded(buildCall({ endedAt: 41_000 }));
    expect(window.series(range(45_000 + MINUTE, 3), null)).toMatchObject([
      { at: '2025-10-09T08:55:00.000Z', calls: 0 },
    ]);
    expect(window.series(range(45_000 + MINUTE, 1), null)).toHaveLength(1);
  });
});
