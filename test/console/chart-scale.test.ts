import { describe, expect, it } from 'vitest';
import { labelStep, piecesOf, roundTop, stackAt, sumOf, totalAt } from '../../console/src/parts/chart/scale.ts';

describe('the scale of a chart', () => {
  it.each([
    [0, 1],
    [1, 1],
    [1.01, 2],
    [37_000, 40_000],
    [0.55, 0.6],
    [0.000_31, 0.000_4],
    [99, 100],
  ])('has room for %d up to %d', (max, top) => {
    expect(roundTop(max)).toBe(top);
  });

  it('labels as many places as have room', () => {
    expect([labelStep(7, 640, 64), labelStep(24, 640, 64), labelStep(90, 200, 64), labelStep(5, 10, 64)]).toEqual([
      1, 3, 30, 5,
    ]);
  });
});

const SERIES = [
  { name: 'a', values: [1, null, null] },
  { name: 'b', values: [0, 2, null] },
  { name: 'c', values: [3, 4, null] },
];

describe('a bar of several series', () => {
  it('has its parts on top of each other, and none for nothing', () => {
    expect(stackAt(SERIES, 0)).toEqual([
      { series: 0, from: 0, to: 1 },
      { series: 2, from: 1, to: 4 },
    ]);
    expect(stackAt(SERIES, 1).at(-1)).toEqual({ series: 2, from: 2, to: 6 });
    expect(stackAt(SERIES, 2)).toEqual([]);
  });

  it('comes to what is known of it; where nothing is, that is not 0', () => {
    expect([0, 1, 2].map((at) => totalAt(SERIES, at))).toEqual([4, 6, null]);
    expect(sumOf([null, undefined])).toBeNull();
  });
});

describe('a line', () => {
  const at = (x: number): { x: number; y: number } => ({ x, y: x });

  it('is broken where nothing was measured', () => {
    expect(piecesOf([null, at(1), at(2), null, null, at(5), null])).toEqual([[at(1), at(2)], [at(5)]]);
    expect(piecesOf([null, null])).toEqual([]);
  });
});
