import { describe, expect, it } from 'vitest';
import { type Point, slopeOf } from '../../bench/soak/slope.ts';
import type { Standing } from '../../bench/soak/standing.ts';
import { compare, compareRecords, judgeSlope } from '../../bench/soak/verdict.ts';

const growing = (mbPerCall: number): Point[] =>
  Array.from({ length: 10 }, (_, at) => ({ calls: at * 1000, mb: 30 + at * 1000 * mbPerCall }));

const standing = (heapMb: number, timers: number): Standing => ({
  reading: {
    heapMb,
    rssMb: 100,
    externalMb: 1,
    buffersMb: 1,
    resources: { TCPServerWrap: 1 },
    objects: { Timeout: timers },
    descriptors: { other: 30 },
  },
  unusedFields: { 'lost usage records': 0 },
  recorded: {},
});

describe('the memory slope of a soak test', () => {
  it('is the growth per 100,000 calls', () => {
    expect(slopeOf(growing(0.000_05))).toBeCloseTo(5);
  });

  it('leaves the first half out, when memory still settles', () => {
    const settling = growing(0).map(({ calls, mb }, at) => ({ calls, mb: at < 5 ? mb - 10 : mb }));
    expect(slopeOf(settling)).toBeCloseTo(0);
  });

  it('fails when it is steeper than noise', () => {
    expect(judgeSlope(growing(0.0005)).isGood).toBe(false);
    expect(judgeSlope(growing(0.0001)).isGood).toBe(true);
  });
});

describe('the verdict of a soak test', () => {
  it('tolerates little more memory', () => {
    expect(compare(standing(30, 2), standing(30.5, 2)).every(({ isGood }) => isGood)).toBe(true);
  });

  it('names the resources that have leaked', () => {
    const failed = compare(standing(30, 2), standing(60, 3)).filter(({ isGood }) => !isGood);
    expect(failed.map(({ what }) => what)).toEqual(['heap in use', 'in the heap: Timeout']);
  });

  it('misses a usage record that is not there, and one too many', () => {
    const rows = compareRecords({ completed: 5, failed: 1 }, { completed: 4, failed: 1, cancelled: 1 });
    expect(rows.map(({ what, isGood }) => [what, isGood])).toEqual([
      ['usage records: cancelled', false],
      ['usage records: completed', false],
      ['usage records: failed', true],
    ]);
  });
});
