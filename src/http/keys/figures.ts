import type { ScopeSpend } from '../../usage/scope-spend.ts';
import type { SpendBook } from '../../usage/spend-book.ts';
import type { Services } from '../services.ts';

/** What was spent, in USD, as budgets count it; null where nothing is counted, or it cannot be read just now. */
export interface SpentFigures {
  readonly usage: number | null;
  readonly usage_daily: number | null;
  readonly usage_weekly: number | null;
  readonly usage_monthly: number | null;
  /** What calls in flight may still spend. */
  readonly held: number;
}

/** What these scopes have spent, in their order. */
export async function readSpent(
  scopes: readonly string[],
  { reports, observers }: Pick<Services, 'reports' | 'observers'>,
): Promise<readonly SpentFigures[]> {
  // What ended a moment ago counts.
  observers.flush();
  return spentFigures(scopes, reports.spend);
}

/** What these scopes have spent, as far as it is counted by now. */
export async function spentFigures(
  scopes: readonly string[],
  spend: Pick<SpendBook, 'read'>,
): Promise<readonly SpentFigures[]> {
  // A secret that is told once is told whether or not figures can stand beside it; the log has why they cannot.
  const spent = await spend.read(scopes).catch(() => null);
  return spent === null ? scopes.map(() => UNKNOWN_SPENT) : spent.map(toFigures);
}

/** Where nothing is counted. */
export const UNKNOWN_SPENT: SpentFigures = {
  usage: null,
  usage_daily: null,
  usage_weekly: null,
  usage_monthly: null,
  held: 0,
};

/** Of what was made just now. */
export const NOTHING_SPENT: SpentFigures = {
  usage: 0,
  usage_daily: 0,
  usage_weekly: 0,
  usage_monthly: 0,
  held: 0,
};

const NANO_PER_USD = 1_000_000_000;

function toFigures({ spentNano: { day, week, month, total }, heldNano }: ScopeSpend): SpentFigures {
  return {
    usage: total / NANO_PER_USD,
    usage_daily: day / NANO_PER_USD,
    usage_weekly: week / NANO_PER_USD,
    usage_monthly: month / NANO_PER_USD,
    held: heldNano / NANO_PER_USD,
  };
}
