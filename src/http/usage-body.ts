import type { UsageRecord } from '../usage/record.ts';
import type { UsageFilter, UsageGroup, UsageSums } from '../usage/store.ts';
import type { SumsQuery } from './usage-query.ts';

/** The answer of `GET /v1/usage`. */
export interface UsageBody {
  readonly object: 'usage';
  /** ISO 8601; null where the question has no beginning, or no end. */
  readonly from: string | null;
  readonly to: string | null;
  /** The clock by which hours, days and months are cut, as `+01:00`. */
  readonly tz: string;
  readonly group_by: readonly UsageGroup[];
  readonly total: UsageSumsBody | undefined;
  readonly data: readonly UsageSumsBody[];
  readonly has_more: boolean;
}

/** Sums, with the values of the groups that were asked for: an hour is `2026-11-24T13:00`, a day `2026-11-24`. */
export type UsageSumsBody = UsageSums['group'] & Omit<UsageSums, 'group'>;

/** A record of `GET /v1/usage/records`. */
export type UsageRecordBody = { readonly object: 'usage.record' } & UsageRecord;

/** More groups are cut off, and `has_more` says so. */
export const MAX_GROUPS = 1000;

/** What was asked for, and what the log says. */
interface FoundSums extends Pick<SumsQuery, 'groups' | 'zone'> {
  readonly filter: Pick<UsageFilter, 'from' | 'to'>;
  readonly total: UsageSums | undefined;
  /** One more than {@link MAX_GROUPS} where there are more. */
  readonly found: readonly UsageSums[];
}

/** The sums as `GET /v1/usage` and `sluice usage --json` tell them. */
export function sumsBody({ filter, groups, zone, total, found }: FoundSums): UsageBody {
  return {
    object: 'usage',
    from: toTime(filter.from),
    to: toTime(filter.to),
    tz: zone.text,
    group_by: groups,
    total: total && toBody(total),
    data: found.slice(0, MAX_GROUPS).map(toBody),
    has_more: found.length > MAX_GROUPS,
  };
}

/** A record as `GET /v1/usage/records` tells it. */
export function recordBody(record: UsageRecord): UsageRecordBody {
  return { object: 'usage.record', ...record, ...roundedMoney(record) };
}

/** The sums, without figures that are only the noise of fractions. */
export function toBody({ group, ...sums }: UsageSums): UsageSumsBody {
  return { ...group, ...sums, ...roundedMoney(sums), estimated_cost_usd: toUsd(sums.estimated_cost_usd) };
}

type Money = Pick<UsageSums, 'cost_usd' | 'wasted_cost_usd'>;

function roundedMoney({ cost_usd: cost, wasted_cost_usd: wasted }: Money): Money {
  return { cost_usd: toUsd(cost), wasted_cost_usd: toUsd(wasted) };
}

/** To a billionth, a thousandth of the cheapest token: 0.1 + 0.2 is 0.3. */
function toUsd(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(9));
}

function toTime(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}
