import { beforeEach, describe, expect, it } from 'vitest';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';
import { createKeyPool, type KeyPool } from '../../src/upstream/key-pool.ts';
import { buildProvider } from '../support/provider.ts';
import { createTestClock, type TestClock } from '../support/targets.ts';

const THREE = buildProvider('p', { apiKeys: ['a', 'b', 'c'] });
let clock: TestClock;
let keys: KeyPool;

beforeEach(() => {
  clock = createTestClock();
  keys = createKeyPool(clock.now);
});

function next(count: number, provider = THREE): (string | undefined)[] {
  return Array.from({ length: count }, () => keys.next(provider)?.value);
}

function fail(number: number, kind: FailureKind, retryAfterMs: number | null = null, provider = THREE): void {
  keys.failed(provider, { value: provider.apiKeys[number - 1] ?? '', number }, { kind, retryAfterMs });
}

describe('the API keys of a provider (key pool)', () => {
  it('are used in rotation (round robin)', () => {
    expect(next(4)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('are reported by their number', () => {
    expect([keys.next(THREE)?.number, keys.next(THREE)?.number]).toEqual([1, 2]);
  });

  it('may be one, or none', () => {
    expect(next(2, buildProvider('one', { apiKeys: ['k'] }))).toEqual(['k', 'k']);
    expect(keys.next(buildProvider('none', { apiKeys: [] }))).toBeNull();
  });

  it.each<[FailureKind, number]>([
    ['rate-limited', 5000],
    ['quota', 300_000],
    ['unauthorized', 300_000],
  ])('rest (cooldown) after %s for %i ms, while the others go on', (kind, restMs) => {
    fail(2, kind);
    expect(next(3)).toEqual(['a', 'c', 'a']);
    clock.at += restMs - 1;
    expect(next(2)).toEqual(['c', 'a']);
    clock.at += 1;
    expect(next(2)).toEqual(['b', 'c']);
  });

  it('rest as long as the Retry-After of a 429', () => {
    fail(1, 'rate-limited', 40_000);
    clock.at += 39_999;
    expect(next(1)).toEqual(['b']);
    clock.at += 1;
    expect(next(2)).toEqual(['c', 'a']);
  });

  it.each<FailureKind>(['server', 'timeout', 'invalid-request', 'lost-race'])('do not rest after %s', (kind) => {
    fail(1, kind);
    expect(next(1)).toEqual(['a']);
    expect(keys.canReplace(THREE, { kind })).toBe(false);
  });

  it('are used all the same when all rest: the one with the shortest rest', () => {
    fail(1, 'rate-limited', 9000);
    fail(2, 'rate-limited', 3000);
    fail(3, 'unauthorized');
    expect(next(2)).toEqual(['b', 'b']);
    expect(keys.canReplace(THREE, { kind: 'rate-limited' })).toBe(false);
  });

  it('can replace one another as long as one does not rest', () => {
    fail(1, 'rate-limited');
    expect(keys.canReplace(THREE, { kind: 'rate-limited' })).toBe(true);
  });

  it('keep to the first that does not rest where stored content belongs to a key', () => {
    const pinned = (): unknown => keys.pinned(THREE)?.value;
    expect([pinned(), pinned()]).toEqual(['a', 'a']);
    fail(1, 'unauthorized');
    expect([pinned(), pinned()]).toEqual(['b', 'b']);
  });

  it('keep their rest after a configuration reload, also in another order; new ones are fresh', () => {
    fail(1, 'unauthorized');
    const reloaded = buildProvider('p', { apiKeys: ['new', 'a'] });
    expect(next(3, reloaded)).toEqual(['new', 'new', 'new']);
  });

  it('rest for one provider alone', () => {
    fail(1, 'unauthorized');
    expect(next(1, buildProvider('other', { apiKeys: ['a', 'b'] }))).toEqual(['a']);
  });
});
