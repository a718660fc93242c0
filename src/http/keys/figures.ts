import type { Requester } from '../../usage/fair-queue.ts';
import type { UsageFilter, UsageGroup } from '../../usage/store.ts';
import type { Reports } from '../services.ts';

/** What was spent, in USD; null where the usage log is off, or cannot be read just now. */
export interface SpentFigures {
  readonly usage: number | null;
  readonly usage_daily: number | null;
  readonly usage_weekly: number | null;
  readonly usage_monthly: number | null;
  /** What calls in flight may still spend. */
  readonly held: number;
}

/** What each of these has spent, by its id. */
export type SpentOf = (id: string) => SpentFigures;

const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const FIRST_MONDAY = 4;
/** More than a page of keys: those of all others are counted besides. */
const MAX_IDS = 100_000;

/**
 * What keys, or organisations, have spent, as the usage log has it.
 * @param only one of them; null for all
 */
export async function readSpent(
  group: Extract<UsageGroup, 'key_hash' | 'org'> | null,
  only: Pick<UsageFilter, 'key' | 'org'>,
  { usage }: Pick<Reports, 'usage'>,
  requester: Requester,
  now: number,
): Promise<SpentOf> {
  if (usage === null) return () => UNKNOWN_SPENT;
  const groups = group === null ? [] : [group];
  const sumsSince = async (from: number | null): Promise<ReadonlyMap<string, number>> => {
    const filter = { from, to: null, model: null, provider: null, outcome: null, ...only };
    const sums = await usage.sums(requester, filter, groups, MAX_IDS);
    return new Map(
      sums.map((sum) => [
        String(group === null ? '' : sum.group[group]),
        (sum.cost_usd ?? 0) + (sum.wasted_cost_usd ?? 0),
      ]),
    );
  };
  const { day, week, month } = beginningsAt(now);
  // A secret that is told once is told whether or not figures can stand beside it; the log has why they cannot.
  const windows = await Promise.all([null, day, week, month].map(sumsSince)).catch(() => null);
  if (windows === null) return () => UNKNOWN_SPENT;
  const [total, ofDay, ofWeek, ofMonth] = windows;
  return (id) => ({
    usage: rounded(total?.get(id)),
    usage_daily: rounded(ofDay?.get(id)),
    usage_weekly: rounded(ofWeek?.get(id)),
    usage_monthly: rounded(ofMonth?.get(id)),
    held: 0,
  });
}

/** What several have spent together. */
export function addSpent(all: readonly SpentFigures[]): SpentFigures {
  const sum = (name: keyof SpentFigures): number | null =>
    all.every((spent) => spent[name] === null)
      ? null
      : rounded(all.reduce((total, spent) => total + (spent[name] ?? 0), 0));
  return {
    usage: sum('usage'),
    usage_daily: sum('usage_daily'),
    usage_weekly: sum('usage_weekly'),
    usage_monthly: sum('usage_monthly'),
    held: sum('held') ?? 0,
  };
}

/** Where nothing is counted. */
export const UNKNOWN_SPENT: SpentFigures = {
  usage: null,
  usage_daily: null,
  usage_weekly: null,
  usage_monthly: null,
  held: 0,
};

/** Seconds since the epoch at which the day, the week from Monday, and the month of UTC began. */
function beginningsAt(now: number): Readonly<Record<'day' | 'week' | 'month', number>> {
  const day = Math.floor(now / DAY_MS);
  const date = new Date(now);
  return {
    day: (day * DAY_MS) / 1000,
    week: ((day - ((day - FIRST_MONDAY + 7) % 7)) * DAY_MS) / 1000,
    month: Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / 1000,
  };
}

/** To a billionth, a nano-dollar. */
function rounded(usd: number | undefined): number {
  return Number((usd ?? 0).toFixed(9));
}
