/** What was measured after so many calls. */
export interface Point {
  readonly calls: number;
  readonly mb: number;
}

/** By how many MB per 100,000 calls it grows: a line through the second half of the points, by least squares. */
export function slopeOf(points: readonly Point[]): number {
  const half = points.slice(Math.floor(points.length / 2));
  const mean = (pick: (point: Point) => number): number => half.reduce((sum, one) => sum + pick(one), 0) / half.length;
  const calls = mean((point) => point.calls);
  const mb = mean((point) => point.mb);
  let [above, below] = [0, 0];
  for (const point of half) {
    above += (point.calls - calls) * (point.mb - mb);
    below += (point.calls - calls) ** 2;
  }
  return below === 0 ? 0 : (above / below) * 100_000;
}
