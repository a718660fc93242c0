import { describe, expect, it } from 'vitest';
import { resolvePolicy } from '../../src/config/config.ts';
import { toFailure } from '../../src/protocol/failure.ts';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';
import { nextAfter, type RetryHistory, retryDelayMs } from '../../src/routing/retry.ts';

const POLICY = resolvePolicy({}).retry;
const FIRST: RetryHistory = { retries: 0, hasNext: true, remainingMs: 60_000 };

function delay(history: Partial<RetryHistory>, random: number, retryAfterMs: number | null = null): number | null {
  return retryDelayMs(toFailure('rate-limited', 'busy', { retryAfterMs }), { ...FIRST, ...history }, POLICY, random);
}

describe('retryDelayMs (retry backoff)', () => {
  it.each<[FailureKind, boolean, 'yes' | 'no' | 'larger']>([
    ['rate-limited', true, 'yes'],
    ['quota', false, 'yes'],
    ['overloaded', true, 'yes'],
    ['server', true, 'yes'],
    ['unreachable', true, 'yes'],
    ['interrupted', true, 'yes'],
    ['timeout', false, 'yes'],
    ['unauthorized', false, 'yes'],
    ['not-found', false, 'yes'],
    ['wrong-address', false, 'yes'],
    ['context-length', false, 'larger'],
    ['content-policy', false, 'no'],
    ['invalid-request', false, 'no'],
  ])('decides on retry or fallback after %s', (kind, again, next) => {
    const failure = toFailure(kind, 'x');
    expect(retryDelayMs(failure, FIRST, POLICY, 0.5) !== null).toBe(again);
    expect(nextAfter(failure)).toBe(next);
  });

  it('doubles up to retry.max_delay, with full jitter', () => {
    const policy = { ...POLICY, maxRetries: 10 };
    const longest = [0, 1, 2, 3, 4].map((retries) =>
      retryDelayMs(toFailure('server', 'x'), { ...FIRST, retries }, policy, 1),
    );
    expect(longest).toEqual([1000, 2000, 4000, 8000, 8000]);
    expect(delay({}, 0)).toBe(0);
    expect(delay({ retries: 1 }, 0.25)).toBe(500);
  });

  it('ends after retry.max_retries', () => {
    expect([delay({ retries: 1 }, 0), delay({ retries: 2 }, 0)]).toEqual([0, null]);
  });

  it('waits for Retry-After, a little longer, and never less', () => {
    expect([delay({}, 0, 2000), delay({}, 1, 2000), delay({}, 1, 8000)]).toEqual([2000, 2500, 9000]);
  });

  it('ignores a Retry-After of 0', () => {
    expect([delay({}, 0.5, 0), delay({ retries: 1 }, 0.5, 0)]).toEqual([500, 1000]);
  });

  it('does not wait longer than retry.max_delay where there is a fallback', () => {
    expect([delay({}, 0, 8001), delay({ hasNext: false }, 0, 8001)]).toEqual([null, 8001]);
  });

  it('never outlives timeouts.total of the call', () => {
    expect(delay({ hasNext: false, remainingMs: 5000 }, 0, 5000)).toBeNull();
    expect(delay({ remainingMs: 900 }, 1)).toBeNull();
  });
});
