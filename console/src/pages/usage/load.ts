import { isUsageOff, readSums } from '../../feed/usage.ts';
import type { UsageBody, UsageSumsBody } from '../../feed/wire.ts';
import type { Series } from '../../parts/chart/scale.ts';
import { type Period, piecesOfPeriod } from './period.ts';
import { type Asker, periodOf, type Question, sumsQuery } from './question.ts';
import { costSeries, groupsOf, type Subject, subjectOf, tokenSeries, wholeCost } from './sums.ts';

/** All that the page shows of a time. */
export interface KnownUsage {
  readonly period: Period;
  readonly table: UsageBody;
  readonly cost: readonly Series[];
  readonly tokens: readonly Series[];
  /** Those that called in this time, for an admin. */
  readonly keys: readonly Subject[];
}

/** Null where there is no usage log. @throws ApiError */
export async function loadUsage(
  asked: Question,
  asker: Pick<Asker, 'isAdmin'>,
  abort: AbortSignal,
): Promise<{ usage: KnownUsage | null }> {
  try {
    return { usage: await loadAll(asked, asker, abort) };
  } catch (error) {
    if (await isUsageOff(error, abort)) return { usage: null };
    throw error;
  }
}

async function loadAll(asked: Question, { isAdmin }: Pick<Asker, 'isAdmin'>, abort: AbortSignal): Promise<KnownUsage> {
  const period = periodOf(asked, Date.now());
  const everyKey = { ...asked, key: null };
  const [table, keys] = await Promise.all([
    readSums(sumsQuery(asked, period, groupsOf(asked.split)), abort),
    isAdmin ? readSums(sumsQuery(everyKey, period, groupsOf('key')), abort) : null,
  ]);
  return {
    period,
    table,
    ...(await loadSeries(asked, period, table, abort)),
    keys: keys?.data.map((row) => subjectOf(row, 'key')) ?? [],
  };
}

async function loadSeries(
  asked: Question,
  period: Period,
  table: UsageBody,
  abort: AbortSignal,
): Promise<Pick<KnownUsage, 'cost' | 'tokens'>> {
  const { buckets, unit } = period;
  const pieces = table.has_more ? null : piecesOfPeriod(period, table.data.length);
  // Too many to be drawn apart are drawn as one.
  const groups = [unit, ...(pieces === null ? [] : groupsOf(asked.split))];
  const rows: UsageSumsBody[] = [];
  for (const piece of pieces ?? [buckets]) {
    const stretch = { from: piece[0]?.from ?? period.from, to: piece.at(-1)?.to ?? period.to };
    rows.push(...(await readSums(sumsQuery(asked, stretch, groups), abort)).data);
  }
  const cost = pieces === null ? [wholeCost(rows, buckets)] : costSeries(rows, asked.split, buckets);
  return { cost, tokens: tokenSeries(rows, buckets) };
}
