import { beforeEach, describe, expect, it } from 'vitest';
import { toFailure } from '../../src/protocol/failure.ts';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';
import { type Attempt, createAttempt } from '../../src/routing/attempt.ts';
import { createStats, type Stats } from '../../src/routing/stats.ts';
import { requestOf } from '../support/asked.ts';
import { chatOf } from '../support/chats.ts';
import { buildTarget, createTestClock, type TestClock } from '../support/targets.ts';

const TARGET = buildTarget('t', {}, { timeouts: { first_token: 4000 } });
const STREAM = { request: requestOf(chatOf('x', { stream: true })) };
const WHOLE = { request: requestOf(chatOf('x')) };
let clock: TestClock;
let stats: Stats;

beforeEach(() => {
  clock = createTestClock();
  stats = createStats(clock.now);
});

function begin(context = STREAM): Attempt {
  const attempt = createAttempt(1, TARGET, [], clock.at);
  stats.attemptBegan(context, attempt);
  return attempt;
}

/** An attempt with its first token after so many milliseconds; null: it never spoke. */
function run(ttftMs: number | null, failure: FailureKind | null = null, context = STREAM): void {
  const attempt = begin(context);
  attempt.firstTokenAt = ttftMs === null ? null : clock.at + ttftMs;
  attempt.failure = failure && toFailure(failure, 'x');
  stats.attemptEnded(context, attempt);
}

describe('routing statistics of a target', () => {
  it('are unknown for one that was never tried', () => {
    expect(stats.of('t')).toEqual({ ttftMs: { p50: null, p95: null }, errorRate: null, inFlight: 0 });
    expect(stats.speedOf('t', true)).toBeNull();
  });

  it('count the attempts in flight', () => {
    const [first] = [begin(), begin()];
    expect(stats.inFlightOf('t')).toBe(2);
    stats.attemptEnded(STREAM, first);
    expect(stats.of('t').inFlight).toBe(1);
  });

  it('have first token percentiles over the last hundred streams', () => {
    for (let ttft = 1; ttft <= 50; ttft++) run(9999);
    for (let ttft = 1; ttft <= 100; ttft++) run(ttft);
    expect(stats.of('t').ttftMs).toEqual({ p50: 50, p95: 95 });
  });

  it('have an error rate, in which bad requests and aborted attempts do not count', () => {
    run(10);
    run(null, 'server');
    run(10, 'interrupted');
    run(null, 'invalid-request');
    run(null);
    expect(stats.of('t').errorRate).toBe(0.6667);
  });

  it('decay with time', () => {
    run(1000);
    clock.at += 20_000;
    run(100);
    expect(stats.speedOf('t', true)).toBeCloseTo(400);
    clock.at += 3_600_000;
    run(100);
    expect(stats.speedOf('t', true)).toBeCloseTo(100);
  });

  it('count a failure as the longest timeout: a quick refusal is not fast', () => {
    run(null, 'server');
    expect(stats.speedOf('t', true)).toBe(4000);
  });

  it('keep streams apart from whole answers', () => {
    run(100);
    run(3000, null, WHOLE);
    expect([stats.speedOf('t', true), stats.speedOf('t', false)]).toEqual([100, 3000]);
    expect(stats.of('t').ttftMs.p95).toBe(100);
  });

  it('stay right when a target was forgotten in the middle of an attempt', () => {
    const attempt = begin();
    for (let other = 0; other < 2000; other++) {
      stats.attemptBegan(STREAM, { ...attempt, target: { ...TARGET, id: `other-${other}` } });
    }
    stats.attemptEnded(STREAM, attempt);
    expect(stats.inFlightOf('t')).toBe(0);
  });
});

describe('p95 of the first token (hedge delay)', () => {
  it('is known after enough streams, and is that of nineteen in twenty', () => {
    for (let ttft = 1; ttft <= 19; ttft++) run(ttft * 10);
    expect(stats.lateAfterMs('t')).toBeNull();
    run(200);
    expect(stats.lateAfterMs('t')).toBe(190);
  });

  it('includes streams that lost the hedge race for being late', () => {
    for (let call = 1; call <= 20; call++) {
      const attempt = begin();
      clock.at += 500;
      attempt.failure = toFailure('lost-race', 'x');
      stats.attemptEnded(STREAM, attempt);
    }
    expect(stats.lateAfterMs('t')).toBe(500);
    expect(stats.of('t').errorRate).toBeNull();
  });
});
