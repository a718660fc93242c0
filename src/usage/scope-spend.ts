import type { ScopeReading } from '../limits/ledger.ts';
import type { SpendRow } from '../limits/spend.ts';
import type { WindowName } from '../limits/windows.ts';

/** What a scope has spent in the current windows, and what its calls in flight have set aside, in nano-USD. */
export interface ScopeSpend {
  readonly spentNano: Readonly<Record<WindowName, number>>;
  readonly heldNano: number;
}

/** By the ledger. */
export function toKnownSpend({ windows, heldNano }: ScopeReading): ScopeSpend {
  const spent = Object.entries(windows).map(([name, { spentNano }]) => [name, spentNano]);
  return { spentNano: Object.fromEntries(spent) as ScopeSpend['spentNano'], heldNano };
}

/** What has to be booked so that a scope has spent what is told. */
export function missingRows(
  scope: string,
  known: ScopeSpend,
  told: ScopeSpend,
  keys: Readonly<Record<WindowName, string>>,
): readonly SpendRow[] {
  const rows = Object.entries(keys).map(([name, win]) => {
    const window = name as WindowName;
    return { scope, win, nano: told.spentNano[window] - known.spentNano[window], calls: 0, tokens: 0 };
  });
  return rows.filter(({ nano }) => nano !== 0);
}

/** By the database: nothing is held in what the ledger does not know. */
export function toScopeSpend(rows: readonly SpendRow[], keys: Readonly<Record<WindowName, string>>): ScopeSpend {
  const spent = Object.entries(keys).map(([name, key]) => {
    const ofWindow = rows.filter(({ win }) => win === key);
    return [name, ofWindow.reduce((sum, { nano }) => sum + nano, 0)];
  });
  return { spentNano: Object.fromEntries(spent) as ScopeSpend['spentNano'], heldNano: 0 };
}
