import type { BudgetWindow } from '../../feed/keys.ts';
import type { KeyBody, LimitsBody, SpentFigures } from '../../feed/wire.ts';

/** All windows of a budget, the shortest first. */
export const WINDOWS: readonly BudgetWindow[] = ['day', 'week', 'month', 'total'];

/** What each is called beside an amount. */
export const WINDOW_WORDS: Readonly<Record<BudgetWindow, string>> = {
  day: 'today',
  week: 'this week',
  month: 'this month',
  total: 'in all',
};

const WINDOW_OF = { daily: 'day', weekly: 'week', monthly: 'month' } as const;
const USAGE_OF = { day: 'usage_daily', week: 'usage_weekly', month: 'usage_monthly', total: 'usage' } as const;

/** What stands of a budget in one window. Amounts are USD. */
export interface BudgetLine {
  readonly window: BudgetWindow;
  readonly limit: number;
  /** A soft limit is told of, and refuses nothing. */
  readonly isSoft: boolean;
  /** Null while it is not known. */
  readonly spent: number | null;
  /** What calls in flight may still spend. */
  readonly held: number;
}

type Limited = LimitsBody & SpentFigures;

/** The window that `limit` and `soft_budget` stand for. */
export function ownWindow({ limit_reset: reset }: Pick<LimitsBody, 'limit_reset'>): BudgetWindow {
  return reset === null ? 'total' : WINDOW_OF[reset];
}

/** The limit of a window: the smaller of both where there are two; null where there is none. */
export function limitOf(body: Pick<LimitsBody, 'limit' | 'limit_reset' | 'budgets'>, window: BudgetWindow) {
  const limits = [body.budgets?.[window] ?? null, window === ownWindow(body) ? body.limit : null];
  const given = limits.filter((usd) => usd !== null);
  return given.length === 0 ? null : Math.min(...given);
}

/** What was spent in a window; null while it is not known. */
export function spentIn(body: SpentFigures, window: BudgetWindow): number | null {
  return body[USAGE_OF[window]];
}

/** The windows that have a limit; without one, that of `soft_budget`. */
export function budgetLines(body: Limited): readonly BudgetLine[] {
  const line = (window: BudgetWindow, limit: number, isSoft: boolean): BudgetLine => {
    return { window, limit, isSoft, spent: spentIn(body, window), held: body.held };
  };
  const lines = WINDOWS.flatMap((window) => {
    const limit = limitOf(body, window);
    return limit === null ? [] : [line(window, limit, body.budgets_on === 'soft')];
  });
  if (lines.length > 0 || body.soft_budget === null) return lines;
  return [line(ownWindow(body), body.soft_budget, true)];
}

/** Shares of a limit as percent, no more than 100 together. */
export function sharesOf({ limit, spent, held }: BudgetLine): { readonly spent: number; readonly held: number } {
  const shareOf = (usd: number): number => (limit === 0 ? 100 : (usd / limit) * 100);
  const taken = Math.min(100, shareOf(spent ?? 0));
  return { spent: taken, held: held === 0 ? 0 : Math.min(100 - taken, shareOf(held)) };
}

type Rates = Partial<Pick<LimitsBody, 'rpm_limit' | 'tpm_limit' | 'max_parallel_requests' | 'model_limits'>>;

/** Limits by time, in words; empty where there is none. */
export function rateWords(body: Rates): readonly string[] {
  const words = [
    [body.rpm_limit, 'requests/min'],
    [body.tpm_limit, 'tokens/min'],
    [body.max_parallel_requests, 'at once'],
  ] as const;
  const ofModels = Object.keys(body.model_limits ?? {}).length;
  const told = words.flatMap(([limit, word]) => (limit == null ? [] : [`${limit.toLocaleString('en-US')} ${word}`]));
  return ofModels === 0 ? told : [...told, `${ofModels} by model`];
}

/** Whether a key calls, and why not. */
export type KeyState = 'active' | 'rotating' | 'expired' | 'disabled';

/** @param now milliseconds since the epoch */
export function stateOf(key: Pick<KeyBody, 'disabled' | 'expires_at' | 'old_secret_until'>, now: number): KeyState {
  if (key.disabled) return 'disabled';
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now) return 'expired';
  return key.old_secret_until !== null && Date.parse(key.old_secret_until) > now ? 'rotating' : 'active';
}

/**
 * The place of the row that has the focus after some of its neighbours are gone: the next after the first of them, else the
 * one before; null where none is left.
 * @param rows ids, in their order @param gone ids, first the one that was deleted
 */
export function rowAfter(rows: readonly string[], gone: readonly string[]): number | null {
  const from = rows.indexOf(gone[0] ?? '');
  const isLeft = (id: string): boolean => !gone.includes(id);
  const next = rows.findIndex((id, at) => at > from && isLeft(id));
  const at = next >= 0 ? next : rows.findLastIndex((id, place) => place < from && isLeft(id));
  return at < 0 ? null : at;
}
