/** The values of one series, one for each stretch of time; null where nothing is known. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Which of them are estimates, wholly or in part; none where it is not said. */
  readonly estimated?: readonly boolean[];
}

/** A part of a bar, from its foot to its head, in the unit of the values. */
export interface Segment {
  readonly series: number;
  readonly from: number;
  readonly to: number;
}

/** Halves of these are as round as they are. */
const ROUND = [1, 2, 4, 6, 8, 10] as const;

/** The least round number that no value is above; 1 where there is nothing to show. */
export function roundTop(max: number): number {
  if (!(max > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(max));
  const top = (ROUND.find((step) => step * power >= max) ?? 10) * power;
  // 6 × 0.1 is a little more than 0.6.
  return Number(top.toPrecision(3));
}

/** The greatest of these; 0 where there is none. */
export function greatest(values: readonly (number | null)[]): number {
  return values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
}

/** The sum of what is known; null where nothing is, which is not 0. */
export function sumOf(values: readonly (number | null | undefined)[]): number | null {
  return values.reduce<number | null>((sum, value) => (value == null ? sum : (sum ?? 0) + value), null);
}

/** What all series together have at one place. */
export function totalAt(series: readonly Series[], at: number): number | null {
  return sumOf(series.map(({ values }) => values[at]));
}

/** Whether a value of a series is an estimate. */
export function isEstimatedAt({ estimated }: Series, at: number): boolean {
  return estimated?.[at] === true;
}

/** The parts of the bar at one place, from below; what is nothing has none. */
export function stackAt(series: readonly Series[], at: number): readonly Segment[] {
  const segments: Segment[] = [];
  let foot = 0;
  series.forEach(({ values }, index) => {
    const value = values[at] ?? 0;
    if (value <= 0) return;
    segments.push({ series: index, from: foot, to: foot + value });
    foot += value;
  });
  return segments;
}

/** A point of a line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The pieces of a line, which is broken wherever nothing is known; one point alone is a piece too. */
export function piecesOf(points: readonly (Point | null)[]): readonly (readonly Point[])[] {
  const pieces: Point[][] = [];
  points.forEach((point, index) => {
    if (point === null) return;
    const isNew = index === 0 || points[index - 1] === null;
    if (isNew) pieces.push([point]);
    else pieces.at(-1)?.push(point);
  });
  return pieces;
}

/** Every how many places a label has room. @param widths in pixels: of all places together, and of one label */
export function labelStep(places: number, width: number, labelWidth: number): number {
  const room = Math.max(1, Math.floor(width / labelWidth));
  return Math.max(1, Math.ceil(places / room));
}
