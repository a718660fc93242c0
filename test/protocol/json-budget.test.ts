import { describe, expect, it } from 'vitest';
import { JsonCounter } from '../../src/protocol/json-budget.ts';

/** Counts a text that arrives in pieces of so many bytes. */
function count(text: string, pieceBytes = 65_536): JsonCounter {
  const counter = new JsonCounter();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) counter.read(bytes.subarray(at, at + pieceBytes));
  return counter;
}

/** The same count after parsing. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + valuesIn(inner), 1);
}

/** A small generator of numbers below `limit`, the same in every run. */
function createDice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % limit;
  };
}

const SYLLABLES = ['a', '"', '\\', '\n', 'é', '中', '😀', '\\"', '\\\\', ':', ',', '{', '[', '}', ']', ' '];

function randomText(roll: (limit: number) => number): string {
  return Array.from({ length: roll(120) }, () => SYLLABLES[roll(SYLLABLES.length)]).join('');
}

function randomValue(roll: (limit: number) => number, depth: number): unknown {
  const list = (): unknown[] => Array.from({ length: roll(5) }, () => randomValue(roll, depth + 1));
  switch (roll(depth > 5 ? 4 : 6)) {
    case 0:
      return (roll(2_000_000) - 1_000_000) / 7;
    case 1:
      return randomText(roll);
    case 2:
      return [null, true, false][roll(3)];
    case 3:
      return [];
    case 4:
      return list();
    default:
      return Object.fromEntries(list().map((value) => [randomText(roll), value]));
  }
}

describe('JsonCounter (JSON budget of a request body)', () => {
  it('counts what JSON.parse makes of the same text, wherever it is cut', () => {
    const roll = createDice(17);
    for (let round = 0; round < 2000; round++) {
      const value = randomValue(roll, 0);
      const counter = count(JSON.stringify(value, null, roll(3)), 1 + roll(90));
      expect(counter.values).toBe(valuesIn(value));
      expect(counter.isClosed()).toBe(true);
    }
  });

  it.each([
    ['zeros', (size: number) => `[${'0,'.repeat(size - 2)}0]`],
    ['empty objects', (size: number) => `[${'{},'.repeat(size - 2)}{}]`],
    ['empty lists', (size: number) => `[${'[],'.repeat(size - 2)}[]]`],
    ['empty texts', (size: number) => `[${'"",'.repeat(size - 2)}""]`],
    ['fields of one name', (size: number) => `{${'"a":0,'.repeat(size - 2)}"a":0}`],
  ])('accepts 250,000 values and no more, of %s', (_name, textOf) => {
    expect(count(textOf(250_000)).values).toBe(250_000);
    expect(count(textOf(250_000)).isTooMuch()).toBe(false);
    expect(count(textOf(250_001)).isTooMuch()).toBe(true);
  });

  it('accepts 20,000 different names and not many more', () => {
    const fields = (size: number) => `{${Array.from({ length: size }, (_, at) => `"name-${at}":0`).join(',')}}`;
    expect(count(fields(20_000)).isTooMuch()).toBe(false);
    expect(count(fields(26_000)).isTooMuch()).toBe(true);
  });

  it('counts a long text as one value, whatever is in it', () => {
    for (const inside of ['A', '\\"', '\\\\', '\\u0041', '{[,', 'é']) {
      const counter = count(`{"a":"${inside.repeat(100_000)}"}`, 1000);
      expect([counter.values, counter.isTooMuch(), counter.isClosed()]).toEqual([2, false, true]);
    }
  });

  it('distinguishes 64 levels of nesting from 65, and whether they end', () => {
    const nested = (levels: number) =>
      '[{"a":'.repeat(levels / 2) + (levels % 2 ? '[]' : '0') + '}]'.repeat(levels / 2);
    expect([64, 65, 100_000].map((levels) => count(nested(levels)).isTooDeep())).toEqual([false, true, true]);
    expect(count(nested(100_000)).isClosed()).toBe(true);
    expect(count('['.repeat(100_000)).isClosed()).toBe(false);
  });
});
