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

/** What the calls of one scope and one day add up to. */
interface DaySum {
  readonly windows: WindowIds;
  nano: number;
  calls: number;
  tokens: number;
}

/** What some settled calls add to each sum, in the order in which rows are to be locked: by scope, then by window. */
export function spendRows(bookings: readonly Booking[]): readonly SpendRow[] {
  const rows = [...daySums(bookings)].flatMap(([scope, sums]) => rowsOfScope(scope, sums));
  return rows.sort((a, b) => compare(a.scope, b.scope) || compare(a.win, b.win));
}

/** First by scope and day, of which there are few: to each of its windows a call adds the same. */
function daySums(bookings: readonly Booking[]): ReadonlyMap<string, readonly DaySum[]> {
  const byScope = new Map<string, DaySum[]>();
  for (const { scopes, windows, nano, tokens } of bookings) {
    for (const { id, model } of scopes) {
      if (model !== null) continue;
      const days = byScope.get(id) ?? [];
      const sum = days.find((known) => known.windows[0] === windows[0]) ?? { windows, nano: 0, calls: 0, tokens: 0 };
      if (sum.calls === 0) byScope.set(id, [...days, sum]);
      sum.nano += nano;
      sum.calls += 1;
      sum.tokens += tokens;
    }
  }
  return byScope;
}

function rowsOfScope(scope: string, sums: readonly DaySum[]): readonly SpendRow[] {
  const rows = new Map<string, SpendRow>();
  for (const { windows, nano, calls, tokens } of sums) {
    for (const index of WINDOWS.keys()) {
      const win = windowKey(index, windows);
      const row = rows.get(win) ?? { scope, win, nano: 0, calls: 0, tokens: 0 };
      rows.set(win, { ...row, nano: row.nano + nano, calls: row.calls + calls, tokens: row.tokens + tokens });
    }
  }
  return [...rows.values()];
}

/** By code units, the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
