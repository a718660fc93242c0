import { describe, expect, it } from 'vitest';
import { dollarMark, timeMark } from '../../console/src/parts/chart/marks.ts';
import { roundTop } from '../../console/src/parts/chart/scale.ts';
import { compact } from '../../console/src/parts/format.ts';

const UNITS: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12, µ$: 1e-6, n$: 1e-9, s: 1000, ms: 1 };

/** What a mark reads as. */
function readingOf(mark: string): number {
  const [, digits = '', unit = ''] = /^\$?([\d,.]+) ?(\D*)$/.exec(mark) ?? [];
  return Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? (unit === '' ? 1 : Number.NaN));
}

/** The tops of all axes with the greatest value between these powers of ten. */
function topsBetween(first: number, last: number): readonly number[] {
  const powers = Array.from({ length: last - first + 1 }, (_power, at) => 10 ** (first + at));
  return powers.flatMap((power) => [1, 2, 4, 6, 8].map((step) => roundTop(step * power)));
}

describe('the marks of an axis', () => {
  it.each([
    ['dollars', dollarMark, topsBetween(-8, 7)],
    ['tokens', compact, topsBetween(0, 11)],
    ['times', timeMark, topsBetween(0, 6)],
  ] as const)('read as what they are, each another, in eight letters: %s', (_what, mark, tops) => {
    for (const top of tops) {
      const values = [0, top / 2, top];
      const marks = values.map(mark);
      for (const [at, value] of values.entries())
        expect(readingOf(marks[at] ?? '') / (value || 1)).toBeCloseTo(value && 1, 9);
      expect(new Set(marks).size).toBe(3);
      expect(Math.max(...marks.map(({ length }) => length))).toBeLessThanOrEqual(8);
    }
  });

  it('are short', () => {
    expect([0.06, 0.03, 0.4, 6, 4e-6, 5e-7].map(dollarMark)).toEqual([
      '$0.06',
      '$0.03',
      '$0.4',
      '$6',
      '4 µ$',
      '500 n$',
    ]);
    expect([0, 50, 200, 1000, 60_000].map(timeMark)).toEqual(['0', '50 ms', '0.2 s', '1 s', '60 s']);
  });
});
