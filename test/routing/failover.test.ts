import { beforeEach, describe, expect, it } from 'vitest';
import { toFailure } from '../../src/protocol/failure.ts';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';
import { type Breakers, createBreakers } from '../../src/routing/breaker.ts';
import { createRetryBudgets, type RetryBudgets } from '../../src/routing/budget.ts';
import { Failover } from '../../src/routing/failover.ts';
import type { Plan } from '../../src/routing/plan.ts';
import type { Target } from '../../src/routing/target.ts';
import { createKeyPool, type KeyPool } from '../../src/upstream/key-pool.ts';
import { buildTarget, createTestClock, type TestClock } from '../support/targets.ts';

const [A, B, C] = [buildTarget('a'), buildTarget('b'), buildTarget('c')];
const BLAME = { caller: 'a', isTimeout: false };
let clock: TestClock;
let breakers: Breakers;
let budgets: RetryBudgets;
let providerKeys: KeyPool;

beforeEach(() => {
  clock = createTestClock();
  breakers = createBreakers(clock.now);
  budgets = createRetryBudgets(clock.now);
  providerKeys = createKeyPool(clock.now);
});

function routeOver(first: Target, ...rest: readonly Target[]): Failover {
  const context = { breakers, budgets, providerKeys, now: clock.now, random: () => 0.5 };
  const plan: Plan = { caller: 'a', targets: [first, ...rest], route: 'model', reason: '', rule: null, skipped: [] };
  return new Failover(plan, clock.at + 60_000, context);
}

/** What is done after these failures, in short. */
function follow(route: Failover, ...kinds: readonly FailureKind[]): string[] {
  return kinds.map((kind) => {
    const step = route.afterFailure(toFailure(kind, 'x'));
    return step.kind === 'give-up' ? step.kind : `${step.kind} ${step.target.id}`;
  });
}

function open({ id, policy }: Target): void {
  for (let failure = 0; failure < 5; failure++) breakers.failed(id, 'regular', policy.breaker, BLAME);
}

function empty({ id }: Target): void {
  while (budgets.spend(id));
}

describe('failover', () => {
  it('retries the same target twice, then falls back to the next, then gives up', () => {
    const route = routeOver(A, B);
    expect(route.target).toBe(A);
    const steps = follow(route, 'server', 'server', 'server', 'server', 'server', 'server');
    expect(steps).toEqual(['again a', 'again a', 'next b', 'again b', 'again b', 'give-up']);
  });

  it('begins with the first target whose circuit breaker is not open', () => {
    open(A);
    expect(routeOver(A, B).target).toBe(B);
  });

  it('skips targets whose circuit breaker is open', () => {
    open(B);
    const route = routeOver(A, B, C);
    expect(follow(route, 'timeout')).toEqual(['next c']);
  });

  it('tries the target that failed the longest ago when all circuit breakers are open, and learns from it', () => {
    open(B);
    clock.at += 10;
    open(A);
    const route = routeOver(A, B);
    expect(route.target).toBe(B);
    route.succeeded();
    expect(breakers.state('b')).toBe('closed');
  });

  it('stops retrying a target as soon as its circuit breaker opens', () => {
    const route = routeOver(A, B);
    for (let failure = 0; failure < 4; failure++) breakers.failed('a', 'regular', A.policy.breaker, BLAME);
    expect(follow(route, 'server')).toEqual(['next b']);
  });

  it.each<FailureKind>(['not-found', 'context-length', 'content-policy', 'invalid-request'])(
    'does not count %s against the circuit breaker',
    (kind) => {
      for (let call = 0; call < 10; call++) {
        const route = routeOver(A);
        follow(route, kind);
        route.end();
      }
      expect(breakers.state('a')).toBe('closed');
    },
  );

  it('releases a circuit breaker probe, whatever way the call ends', () => {
    open(A);
    clock.at += 15_000;
    const cancelled = routeOver(A, B);
    expect(cancelled.target).toBe(A);
    expect(routeOver(A, B).target).toBe(B);
    cancelled.end();
    const refused = routeOver(A, B);
    expect(refused.target).toBe(A);
    follow(refused, 'invalid-request');
    expect(breakers.admit('a')).toBe('probe');
  });

  it('releases a circuit breaker probe when the retry budget is empty', () => {
    open(C);
    clock.at += 15_000;
    const route = routeOver(A, B, C);
    empty(B);
    expect(follow(route, 'timeout', 'timeout')).toEqual(['next b', 'give-up']);
    expect(breakers.admit('c')).toBe('probe');
  });

  it('allows the first fallback when the retry budget is empty', () => {
    empty(A);
    const route = routeOver(A, B);
    expect(follow(route, 'server')).toEqual(['next b']);
  });

  it('fills the retry budget of the target that is tried, not of the one that was skipped', () => {
    open(A);
    empty(B);
    for (let call = 0; call < 6; call++) routeOver(A, B);
    expect([budgets.spend('b'), budgets.spend('b')]).toEqual([true, false]);
  });

  it('looks for a larger context_window after context-length', () => {
    const [small, middle, large] = [10, 5, 20].map((contextWindow, at) => buildTarget(`w${at}`, { contextWindow }));
    if (!small || !middle || !large) throw new Error('three targets');
    const route = routeOver(small, middle, large);
    expect(follow(route, 'context-length')).toEqual(['next w2']);
  });

  it('continues with another target after an interruption (rescue), never with the same', () => {
    const route = routeOver(A, B);
    expect(route.afterInterruption(toFailure('interrupted', 'x'))).toBe(B);
    expect(route.afterInterruption(toFailure('interrupted', 'x'))).toBeNull();
    expect(breakers.lastFailedAt('a')).toBe(clock.at);
  });
});

describe('failover between the API keys of a target', () => {
  const keyed = { ...A, provider: { ...A.provider, apiKeys: ['one', 'two', 'three'] } };

  /** The keys that failed so far. */
  function bad(count: number): void {
    for (let number = 1; number <= count; number++) {
      const value = keyed.provider.apiKeys[number - 1] ?? '';
      providerKeys.failed(keyed.provider, { value, number }, { kind: 'unauthorized', retryAfterMs: null });
    }
  }

  it('tries them at once, without counting for the circuit breaker or the retry budget, as long as one does not rest', () => {
    empty(keyed);
    const route = routeOver(keyed, B);
    bad(1);
    expect(route.afterFailure(toFailure('unauthorized', 'x'))).toEqual({ kind: 'again', target: keyed, afterMs: 0 });
    expect(breakers.lastFailedAt('a')).toBe(0);
    bad(3);
    expect(follow(route, 'unauthorized')).toEqual(['next b']);
    expect(breakers.lastFailedAt('a')).toBe(clock.at);
  });

  it('makes no more tries than there are keys, whatever other calls do to them', () => {
    const route = routeOver(keyed, B);
    expect(follow(route, 'quota', 'quota', 'quota')).toEqual(['again a', 'again a', 'next b']);
  });

  it('does not help where the failure is not that of a key', () => {
    const route = routeOver(keyed, B);
    expect(follow(route, 'not-found')).toEqual(['next b']);
  });
});

describe('failover with a hedge', () => {
  function hedged(...rest: readonly Target[]): Failover {
    return routeOver(A, ...rest);
  }

  it('takes the next target of the plan whose circuit breaker is not open, once per call', () => {
    open(B);
    const route = hedged(B, C);
    expect(route.hedge()).toBe(C);
    route.primaryWon(null);
    expect(route.hedge()).toBeNull();
  });

  it('has no backup where the plan has no other target', () => {
    expect(hedged().hedge()).toBeNull();
  });

  it('draws on the retry budget, and releases a circuit breaker probe when it is empty', () => {
    open(B);
    clock.at += 15_000;
    empty(A);
    expect(hedged(B).hedge()).toBeNull();
    expect(breakers.admit('b')).toBe('probe');
  });

  it('that takes over is retried, and followed by fallbacks, as any other target', () => {
    const route = hedged(B, C);
    route.hedge();
    route.backupWon(toFailure('server', 'x'));
    expect(breakers.lastFailedAt('a')).toBe(clock.at);
    expect(follow(route, 'server', 'server', 'server')).toEqual(['again b', 'again b', 'next c']);
  });

  it('that wins closes its own circuit breaker and leaves that of the loser unchanged', () => {
    open(B);
    clock.at += 15_000;
    const route = hedged(B);
    route.hedge();
    route.backupWon(null);
    route.succeeded();
    expect([breakers.state('b'), breakers.lastFailedAt('a')]).toEqual(['closed', 0]);
  });

  it('that fails counts against its circuit breaker, and the first target goes on', () => {
    const route = hedged(B);
    route.hedge();
    route.primaryWon(toFailure('server', 'x'));
    expect(breakers.lastFailedAt('b')).toBe(clock.at);
    expect(follow(route, 'server')).toEqual(['again a']);
  });

  it('releases its circuit breaker probe when the call ends', () => {
    open(B);
    clock.at += 15_000;
    const route = hedged(B);
    route.hedge();
    route.end();
    expect(breakers.admit('b')).toBe('probe');
  });
});
