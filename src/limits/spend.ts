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
  // By windows, which the calls of a day share, then by scope: no name has to be put together for each call.
  const sums = new Map<WindowIds, Map<string, SpendSum>>();
  for (const { scopes, windows, nano, tokens } of bookings) {
    const ofScopes = sums.get(windows) ?? new Map<string, SpendSum>();
    sums.set(windows, ofScopes);
    for (const { id, model } of scopes) {
      if (model === null) addTo(ofScopes, id, nano, tokens);
    }
  }
  const rows = new Map<string, SpendRow>();
  for (const [windows, ofScopes] of sums) {
    for (const [scope, sum] of ofScopes) for (const index of WINDOWS.keys()) addRow(rows, scope, index, windows, sum);
  }
  return [...rows.values()].sort((a, b) => compare(a.scope, b.scope) || compare(a.win, b.win));
}

interface SpendSum {
  nano: number;
  calls: number;
  tokens: number;
}

function addTo(sums: Map<string, SpendSum>, scope: string, nano: number, tokens: number): void {
  const sum = sums.get(scope);
  if (sum === undefined) {
    sums.set(scope, { nano, calls: 1, tokens });
    return;
  }
  sum.nano += nano;
  sum.calls += 1;
  sum.tokens += tokens;
}

/** Calls of two days may share a week. */
function addRow(
  rows: Map<string, SpendRow>,
  scope: string,
  index: number,
  windows: WindowIds,
  { nano, calls, tokens }: SpendSum,
): void {
  const win = windowKey(index, windows);
  const key = `${win} ${scope}`;
  const row = rows.get(key) ?? { scope, win, nano: 0, calls: 0, tokens: 0 };
  rows.set(key, { scope, win, nano: row.nano + nano, calls: row.calls + calls, tokens: row.tokens + tokens });
}

/** By code units, the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
