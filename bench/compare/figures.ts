import { percentile } from '../load.ts';

/** The middle one. */
export function median(values: readonly number[]): number {
  return percentile(sorted(values), 0.5);
}

/** The mean without this share of the lowest and of the highest. */
export function trimmedMean(values: readonly number[], share: number): number {
  const cut = Math.floor(values.length * share);
  const kept = sorted(values).slice(cut, values.length - cut);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

/** In rising order. */
export function sorted(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}

/** The median of a[i] / b[i]: what a busy machine does to one round, it does to both. */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, round) => value / (b[round] ?? Number.NaN)));
}

/** How often a stream stood still for longer than it may. */
export function countStalls(gapsMs: readonly number[], limitMs: number): number {
  return gapsMs.filter((gapMs) => gapMs > limitMs).length;
}
