import type { Scope } from './scope.ts';
import { WINDOWS, type WindowIds, windowKey } from './windows.ts';

/** What a settled call adds to the sums of the database. */
export interface Booking {
  readonly scopes: readonly Scope[];
  /** Those of the admission. */
  readonly windows: WindowIds;
  readonly nano: number;
  readonly tokens: number;
}

/** A sum of the database, or what is added to one. */
export interface SpendRow {
  readonly scope: string;
  /** `d20261128`, `w202648`, `m202611`, `total`. */
  readonly win: string;
  readonly nano: number;
  readonly calls: number;
  readonly tokens: number;
}

/** What some settled calls add to each sum, in the order in which rows are to be locked: by scope, then by window. */
export function spendRows(bookings: readonly Booking[]): readonly SpendRow[] {
  const sums = new Map<string, SpendRow>();
  for (const { scopes, windows, nano, tokens } of bookings) {
    for (const { id: scope, model } of scopes) {
      if (model !== null) continue;
      for (const index of WINDOWS.keys()) {
        const win = windowKey(index, windows);
        const key = `${win} ${scope}`;
        const sum = sums.get(key) ?? { scope, win, nano: 0, calls: 0, tokens: 0 };
        sums.set(key, { ...sum, nano: sum.nano + nano, calls: sum.calls + 1, tokens: sum.tokens + tokens });
      }
    }
  }
  return [...sums.values()].sort((a, b) => compare(a.scope, b.scope) || compare(a.win, b.win));
}

/** By code units, the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
