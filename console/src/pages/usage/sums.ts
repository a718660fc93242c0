import type { UsageSumsBody } from '../../feed/wire.ts';
import { type Series, sumOf } from '../../parts/chart/scale.ts';
import type { PeriodBucket } from './period.ts';
import type { Split } from './question.ts';

/** What a row of sums is of. */
export interface Subject {
  /** Tells it from all others. */
  readonly id: string;
  readonly name: string;
  /** The filter of the calls behind it; null where the list of calls has none for it. */
  readonly filter: Readonly<Record<string, string>> | null;
}

/** The groups that the API splits by: two keys may have one name. */
export function groupsOf(split: Split): readonly string[] {
  return split === 'key' ? ['key', 'key_hash'] : [split];
}

/** Whose sums these are. */
export function subjectOf(row: UsageSumsBody, split: Split): Subject {
  const value = row[split] ?? null;
  const hash = row.key_hash ?? null;
  if (split === 'key' && hash !== null)
    return { id: hash, name: `${value} (${hash.slice(0, 6)})`, filter: { key: hash } };
  if (value === null || value === '') return { id: '', name: 'none', filter: null };
  // The sums are of the model that answered; the filter for a model would find what asked for it, too.
  return { id: value, name: value, filter: { [split === 'model' ? 'answered_by' : split]: value } };
}

/** Tokens by what they were for; each counts once. */
export interface TokenParts {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
  readonly reasoning: number;
}

/** The prompt has the cached tokens in it, and the completion those of reasoning: here they are apart. */
export function tokenParts(sums: UsageSumsBody): TokenParts {
  const {
    prompt_tokens: prompt,
    cached_tokens: cached,
    completion_tokens: completion,
    reasoning_tokens: reasoning,
  } = sums;
  return {
    prompt: Math.max(0, prompt - cached),
    cached,
    completion: Math.max(0, completion - reasoning),
    reasoning,
  };
}

/** The dearest first, and of equals the one with more calls. */
export function dearestFirst(rows: readonly UsageSumsBody[]): readonly UsageSumsBody[] {
  return [...rows].sort((one, other) => (other.cost_usd ?? 0) - (one.cost_usd ?? 0) || other.calls - one.calls);
}

/** The share of a cost in a whole; null where one of them is not known, or there is nothing to share. */
export function shareOf(cost: number | null, whole: number | null): number | null {
  return cost === null || whole === null || whole === 0 ? null : cost / whole;
}

/** USD for a thousand calls like these; null where the cost is not known. */
export function perThousand({ cost_usd: cost, calls }: UsageSumsBody): number | null {
  return cost === null || calls === 0 ? null : (cost / calls) * 1000;
}

/** With all others together as one, as many as the inks of a chart tell apart. */
const MAX_SERIES = 5;

/**
 * What each of the dearest cost by time, and what all others did; what cost nothing has no place among them. Hours and days
 * without calls cost nothing.
 * @param rows sums by bucket and subject
 */
export function costSeries(
  rows: readonly UsageSumsBody[],
  split: Split,
  buckets: readonly PeriodBucket[],
): readonly Series[] {
  const bySubject = Map.groupBy(rows, (row) => subjectOf(row, split).id);
  const ranked = [...bySubject.values()]
    .map((own) => ({ own, cost: sumOf(own.map((row) => row.cost_usd)) ?? 0 }))
    .filter(({ cost }) => cost > 0)
    .sort((one, other) => other.cost - one.cost)
    .map(({ own }) => own);
  if (ranked.length === 0) return [wholeCost(rows, buckets)];
  // One that is left over stands for itself.
  const shown = ranked.length <= MAX_SERIES + 1 ? ranked.length : MAX_SERIES;
  const named = ranked.slice(0, shown).map((own) => toSeries(nameOf(own, split), own, buckets));
  const rest = ranked.slice(shown);
  if (rest.length === 0) return named;
  return [...named, toSeries(`${rest.length} others`, rest.flat(), buckets)];
}

function nameOf([row]: readonly UsageSumsBody[], split: Split): string {
  return row === undefined ? '' : subjectOf(row, split).name;
}

function toSeries(name: string, rows: readonly UsageSumsBody[], buckets: readonly PeriodBucket[]): Series {
  const byBucket = Map.groupBy(rows, bucketOf);
  const values = buckets.map((bucket) => {
    const inside = byBucket.get(bucket.name);
    return inside === undefined ? 0 : sumOf(inside.map((row) => row.cost_usd));
  });
  return { name, values, estimated: estimatedIn(byBucket, buckets, hasEstimatedCost) };
}

function estimatedIn(
  byBucket: ReadonlyMap<string, readonly UsageSumsBody[]>,
  buckets: readonly PeriodBucket[],
  isEstimated: (row: UsageSumsBody) => boolean,
): readonly boolean[] {
  return buckets.map(({ name }) => byBucket.get(name)?.some(isEstimated) ?? false);
}

/** Whether a cost is an estimate, wholly or in part. */
export function hasEstimatedCost({ estimated_cost_usd: usd }: UsageSumsBody): boolean {
  return (usd ?? 0) > 0;
}

/** Whether tokens of the prompts and the completions were counted by the gateway, wholly or in part. */
export function hasEstimatedTokens({ estimated_tokens: tokens }: UsageSumsBody): boolean {
  return tokens > 0;
}

/** All of it as one series. */
export function wholeCost(rows: readonly UsageSumsBody[], buckets: readonly PeriodBucket[]): Series {
  return toSeries('all', rows, buckets);
}

/** Tokens by time and by what they were for. */
export function tokenSeries(rows: readonly UsageSumsBody[], buckets: readonly PeriodBucket[]): readonly Series[] {
  const byBucket = Map.groupBy(rows, bucketOf);
  const parts = buckets.map(({ name }) => (byBucket.get(name) ?? []).map(tokenParts));
  const estimated = estimatedIn(byBucket, buckets, hasEstimatedTokens);
  return TOKEN_PARTS.map((part) => ({
    name: part,
    values: parts.map((inside) => inside.reduce((sum, tokens) => sum + tokens[part], 0)),
    // What was in a cache, or thought, is told by providers alone.
    ...((part === 'prompt' || part === 'completion') && { estimated }),
  }));
}

/** In the order in which they are drawn. */
export const TOKEN_PARTS = [
  'prompt',
  'cached',
  'completion',
  'reasoning',
] as const satisfies readonly (keyof TokenParts)[];

function bucketOf({ hour, day }: UsageSumsBody): string {
  return hour ?? day ?? '';
}
