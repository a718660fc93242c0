import { describe, expect, it } from 'vitest';
import { createEndedCalls, type EndedCalls } from '../../src/calls/ended-calls.ts';
import { withoutContent } from '../../src/calls/summary.ts';
import { buildCall } from '../support/calls.ts';
import { keyNamed } from '../support/keys.ts';

const KEEP_MS = 600_000;

/** Ends calls of one key, one a millisecond. */
function end(ended: EndedCalls, keyName: string, ids: readonly string[], from = 0): void {
  for (const [at, id] of ids.entries()) {
    const call = buildCall({ id, key: keyNamed(keyName) });
    call.endedAt = from + at;
    ended.add(withoutContent(call), from + at);
  }
}

function ids(count: number, prefix = 'call'): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
}

function kept(ended: EndedCalls, keyName: string, of: readonly string[]): string[] {
  return of.filter((id) => ended.find(keyName, id) !== undefined);
}

describe('the memory of ended calls', () => {
  it('of an API key that makes very many evicts none of the keys that make few', () => {
    const ended = createEndedCalls(1000, KEEP_MS);
    end(ended, 'quiet', ids(5));
    end(ended, 'loud', ids(100_000), 5);
    expect(kept(ended, 'quiet', ids(5))).toEqual(ids(5));
    expect(kept(ended, 'loud', ids(100_000))).toEqual(ids(100_000).slice(-995));
  });

  it('makes room for new API keys by evicting from the key that holds most', () => {
    const ended = createEndedCalls(100, KEEP_MS);
    end(ended, 'first', ids(100));
    for (const keyName of ['b', 'c', 'd']) end(ended, keyName, ids(100));
    const counts = ['first', 'b', 'c', 'd'].map((keyName) => kept(ended, keyName, ids(100)).length);
    expect(counts).toEqual([25, 25, 25, 25]);
    expect(kept(ended, 'first', ids(100))).toEqual(ids(100).slice(-25));
  });

  it('of more API keys than there is room for is evicted by age', () => {
    const ended = createEndedCalls(10, KEEP_MS);
    for (let key = 0; key < 25; key++) end(ended, `key-${key}`, ['one'], key);
    const holding = Array.from({ length: 25 }, (_, key) => key).filter((key) => ended.find(`key-${key}`, 'one'));
    expect(holding).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
  });

  it('evicts first what is too old to be shown', () => {
    const ended = createEndedCalls(10, KEEP_MS);
    for (let key = 0; key < 10; key++) end(ended, `old-${key}`, ['one']);
    end(ended, 'new', ids(10), KEEP_MS + 1);
    expect(kept(ended, 'new', ids(10))).toEqual(ids(10));
  });

  it('finds a call by API key and request id, the newest of that id', () => {
    const ended = createEndedCalls(10, KEEP_MS);
    end(ended, 'a', ['same', 'other', 'same']);
    end(ended, '__proto__', ['same'], 9);
    expect(ended.find('a', 'same')?.endedAt).toBe(2);
    expect(ended.find('__proto__', 'same')?.endedAt).toBe(9);
    expect([ended.find('b', 'same'), ended.find('constructor', 'same')]).toEqual([undefined, undefined]);
  });

  it('keeps to its capacity and to the shares, whatever comes', () => {
    const [max, ended] = [50, createEndedCalls(50, KEEP_MS)];
    const random = seeded(42);
    let held: { keyName: string; id: string }[] = [];
    for (let at = 0; at < 5000; at++) {
      const coming = { keyName: `key-${Math.floor(random() ** 3 * 70)}`, id: `call-${at}` };
      const countOf = (keyName: string): number => held.filter((call) => call.keyName === keyName).length;
      const own = countOf(coming.keyName);
      const most = Math.max(own > 0 ? own + 1 : 0, ...held.map(({ keyName }) => countOf(keyName)));
      end(ended, coming.keyName, [coming.id], at);
      const gone = held.filter(({ keyName, id }) => !ended.find(keyName, id));
      expect(gone).toHaveLength(held.length < max ? 0 : 1);
      for (const { keyName, id } of gone) {
        expect(countOf(keyName) + Number(keyName === coming.keyName)).toBe(most);
        expect(held.find((call) => call.keyName === keyName)?.id).toBe(id);
      }
      held = [...held.filter((call) => !gone.includes(call)), coming];
    }
  });
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
