import { beforeEach, describe, expect, it } from 'vitest';
import { resolvePolicy } from '../../src/config/config.ts';
import { type Breakers, createBreakers } from '../../src/routing/breaker.ts';
import { createTestClock, type TestClock } from '../support/targets.ts';

const POLICY = resolvePolicy({}).breaker;
const FAULT = { caller: 'key-a', isTimeout: false };
const TIMEOUT = { caller: 'key-a', isTimeout: true };
let clock: TestClock;
let breakers: Breakers;

beforeEach(() => {
  clock = createTestClock();
  breakers = createBreakers(clock.now);
});

function fail(count: number, id = 'a'): void {
  for (let failure = 0; failure < count; failure++) breakers.failed(id, 'regular', POLICY, FAULT);
}

/** Opens the breaker and waits until it is half open. */
function halfOpen(): void {
  fail(5);
  clock.at += 15_000;
}

describe('a circuit breaker', () => {
  it('opens after five failures', () => {
    fail(4);
    expect([breakers.state('a'), breakers.admit('a')]).toEqual(['closed', 'regular']);
    fail(1);
    expect([breakers.state('a'), breakers.admit('a')]).toEqual(['open', null]);
  });

  it('forgets failures that are older than its window', () => {
    fail(4);
    clock.at += 30_000;
    fail(4);
    expect(breakers.state('a')).toBe('closed');
  });

  it('ignores successes in between', () => {
    fail(4);
    breakers.succeeded('a', 'regular', 'key-a');
    fail(1);
    expect(breakers.state('a')).toBe('open');
  });

  it('half-opens after its rest: it lets one probe through', () => {
    halfOpen();
    expect(breakers.state('a')).toBe('half-open');
    expect([breakers.admit('a'), breakers.admit('a')]).toEqual(['probe', null]);
  });

  it('closes with the success of a probe, and forgets earlier failures', () => {
    halfOpen();
    breakers.admit('a');
    breakers.succeeded('a', 'probe', 'key-a');
    fail(4);
    expect(breakers.state('a')).toBe('closed');
  });

  it('opens again for as long when the probe fails', () => {
    halfOpen();
    breakers.admit('a');
    breakers.failed('a', 'probe', POLICY, FAULT);
    clock.at += 14_999;
    expect(breakers.state('a')).toBe('open');
    clock.at += 1;
    expect(breakers.admit('a')).toBe('probe');
  });

  it('lets the next probe through when the first one had no verdict', () => {
    halfOpen();
    breakers.admit('a');
    breakers.released('a', 'probe');
    expect(breakers.admit('a')).toBe('probe');
  });

  it('keeps its probe when another attempt, let in long before, ends', () => {
    const early = breakers.admit('a');
    halfOpen();
    breakers.admit('a');
    breakers.released('a', early ?? 'forced');
    expect(breakers.admit('a')).toBeNull();
  });

  it('is not kept open by attempts that were let in before it opened, nor closed by them', () => {
    fail(5);
    clock.at += 10_000;
    fail(3);
    breakers.succeeded('a', 'regular', 'key-a');
    expect(breakers.state('a')).toBe('open');
    clock.at += 5000;
    expect(breakers.state('a')).toBe('half-open');
  });

  it('is closed by an attempt that was forced through', () => {
    fail(5);
    breakers.succeeded('a', 'forced', 'key-a');
    expect(breakers.state('a')).toBe('closed');
  });

  it('is independent of other targets', () => {
    fail(5, 'a');
    expect([breakers.admit('b'), breakers.lastFailedAt('b')]).toEqual(['regular', 0]);
    expect(breakers.lastFailedAt('a')).toBe(clock.at);
  });
});

describe('a circuit breaker and timeouts of one caller (API key)', () => {
  function timeOut(count: number, caller = 'key-a'): void {
    for (let failure = 0; failure < count; failure++) breakers.failed('a', 'regular', POLICY, { ...TIMEOUT, caller });
  }

  it('does not open where another caller succeeds', () => {
    breakers.succeeded('a', 'regular', 'key-b');
    timeOut(50);
    expect([breakers.state('a'), breakers.admit('a')]).toEqual(['closed', 'regular']);
  });

  it('does not open either when the same caller has succeeded since then', () => {
    breakers.succeeded('a', 'regular', 'key-b');
    for (let count = 0; count < 3; count++) breakers.succeeded('a', 'regular', 'key-a');
    timeOut(5);
    expect(breakers.state('a')).toBe('closed');
  });

  it('opens where no other caller has succeeded: with one caller it is as without', () => {
    breakers.succeeded('a', 'regular', 'key-a');
    timeOut(5);
    expect(breakers.state('a')).toBe('open');
  });

  it('opens when the success of the other caller is older than the window', () => {
    breakers.succeeded('a', 'regular', 'key-b');
    clock.at += 29_999;
    timeOut(5);
    expect(breakers.state('a')).toBe('closed');
    clock.at += 1;
    timeOut(1);
    expect(breakers.state('a')).toBe('open');
  });

  it('opens together with a timeout of another caller', () => {
    breakers.succeeded('a', 'regular', 'key-b');
    timeOut(4);
    timeOut(1, 'key-b');
    expect(breakers.state('a')).toBe('open');
  });

  it('opens together with a failure that is no timeout', () => {
    breakers.succeeded('a', 'regular', 'key-b');
    timeOut(4);
    fail(1);
    expect(breakers.state('a')).toBe('open');
  });

  it('remembers the successes from before a probe', () => {
    halfOpen();
    breakers.admit('a');
    breakers.succeeded('a', 'probe', 'key-b');
    timeOut(5);
    expect(breakers.state('a')).toBe('closed');
    expect(breakers.lastFailedAt('b')).toBe(0);
  });

  it('stays open when it is open', () => {
    halfOpen();
    breakers.succeeded('a', 'regular', 'key-b');
    breakers.admit('a');
    breakers.failed('a', 'probe', POLICY, TIMEOUT);
    expect(breakers.state('a')).toBe('open');
  });
});
