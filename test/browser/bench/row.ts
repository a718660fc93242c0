import { sorted } from '../../../bench/compare/figures.ts';
import { judged, toFigure, toLine } from '../../../bench/compare/table.ts';
import { percentile } from '../../../bench/load.ts';

/** A figure of the console: what it is, what it came to with its goal, and what a page that does nothing comes to. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** In the same unit and the same run; missing where there is nothing to compare with. */
  readonly idle?: number;
}

/** As a line of the table. */
export function lineOf({ what, value, unit, idle, ...goal }: Row): string {
  const decimals = unit === 'ms' && Math.abs(value) >= 100 ? 0 : 2;
  return toLine([`${what}, ${unit}`, judged(value, decimals, goal), toFigure(idle, decimals)]);
}

/** The value under which this share of them lies. */
export function share(values: readonly number[], part: number): number {
  return percentile(sorted(values), part);
}
