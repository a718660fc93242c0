import type { BudgetWindow, GovernedBudget, GovernedScope, KeptLimits } from '../../access/limits.ts';
import type { SpentFigures } from './figures.ts';

const NANO_PER_USD = 1_000_000_000;
const FIGURES = {
  day: 'usage_daily',
  week: 'usage_weekly',
  month: 'usage_monthly',
  total: 'usage',
} as const satisfies Record<BudgetWindow, keyof SpentFigures>;
const WINDOW_OF = { daily: 'day', weekly: 'week', monthly: 'month', never: 'total' } as const;

type Most = readonly (readonly [BudgetWindow, number | null | undefined])[];

/**
 * What `limit` and `budgets` leave, in the window that has least of it; null without either, and where it is not known
 * what was spent. What is soft refuses nothing, and leaves nothing.
 */
export function limitRemaining(limits: KeptLimits, spent: SpentFigures): number | null {
  const { limit, limit_reset: reset, budgets, budgets_on: on } = limits;
  const most = Object.entries((on !== 'soft' && budgets) || {}) as unknown as Most;
  return shown(leastLeft([...most, [WINDOW_OF[reset ?? 'never'], limit]], spent));
}

/**
 * What is left over all scopes of a key, as `x-sluice-budget-remaining` tells its calls: of soft budgets, too; null without a
 * budget, and where it is not known what was spent.
 * @param spent by scope
 */
export function budgetRemaining(
  scopes: readonly Pick<GovernedScope, 'limits'>[],
  spent: readonly SpentFigures[],
): number | null {
  return shown(Math.min(...scopes.map(({ limits }, at) => leftOf(limits?.budget ?? null, spent[at]))));
}

function leftOf(budget: GovernedBudget | null, spent: SpentFigures | undefined): number {
  if (budget === null) return Number.POSITIVE_INFINITY;
  const windows = Object.keys(FIGURES) as (keyof typeof FIGURES)[];
  const most = windows.map((name) => [name, usdOf(budget[name])] as const);
  return spent === undefined ? Number.NaN : leastLeft(most, spent);
}

/** As a call is refused: what calls in flight may still spend is not left. Infinite without a limit; NaN where it is not known. */
function leastLeft(most: Most, spent: SpentFigures): number {
  const left = most.map(([window, usd]) =>
    usd == null ? Number.POSITIVE_INFINITY : usd - (spent[FIGURES[window]] ?? Number.NaN) - spent.held,
  );
  return Math.min(...left);
}

/** To the nano-dollar, and never less than nothing. */
function shown(usd: number): number | null {
  return Number.isFinite(usd) ? Math.max(0, Number(usd.toFixed(9))) : null;
}

function usdOf(nano: number | null): number | null {
  return nano === null ? null : nano / NANO_PER_USD;
}
