import type { UsageRecord } from '../usage/record.ts';
import type { UsageFilter, UsageGroup, UsageSums } from '../usage/store.ts';

/** More groups are cut off, and `has_more` says so. */
export const MAX_GROUPS = 1000;

/** What was asked for, and what the log says. */
interface FoundSums {
  readonly filter: UsageFilter;
  readonly groups: readonly UsageGroup[];
  readonly total: UsageSums | undefined;
  /** One more than {@link MAX_GROUPS} where there are more. */
  readonly found: readonly UsageSums[];
}

/** The sums as `GET /v1/usage` and `sluice usage --json` tell them. */
export function sumsBody({ filter, groups, total, found }: FoundSums): object {
  return {
    object: 'usage',
    from: toTime(filter.from),
    to: toTime(filter.to),
    group_by: groups,
    total: total && toBody(total),
    data: found.slice(0, MAX_GROUPS).map(toBody),
    has_more: found.length > MAX_GROUPS,
  };
}

/** A record as `GET /v1/usage/records` tells it. */
export function recordBody(record: UsageRecord): object {
  return { object: 'usage.record', ...record, ...roundedMoney(record) };
}

function toBody({ group, ...sums }: UsageSums): object {
  return { ...group, ...sums, ...roundedMoney(sums) };
}

type Money = Pick<UsageSums, 'cost_usd' | 'wasted_cost_usd'>;

function roundedMoney({ cost_usd: cost, wasted_cost_usd: wasted }: Money): Money {
  return { cost_usd: cost === null ? null : toUsd(cost), wasted_cost_usd: wasted === null ? null : toUsd(wasted) };
}

/** To a billionth, a thousandth of the cheapest token: 0.1 + 0.2 is 0.3. */
function toUsd(value: number): number {
  return Number(value.toFixed(9));
}

function toTime(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}
