import type { Outcome } from '../calls/call.ts';
import type { SpendRow } from '../limits/spend.ts';
import type { UsageRecord } from './record.ts';

/** Which records are meant; null means all. */
export interface UsageFilter {
  /** Seconds since the epoch: `from` is included, `to` is not. */
  readonly from: number | null;
  readonly to: number | null;
  /** The id of a key: its name in the file, or the hash of one made at run time. */
  readonly key: string | null;
  /** One, or any of several. */
  readonly org: string | readonly string[] | null;
  readonly model: string | null;
  readonly provider: string | null;
  readonly outcome: Outcome | null;
}

/** Which ended calls are meant; null means all. */
export interface EndedFilter extends UsageFilter {
  /** Of the call: two keys may use one, and a key may use it again. */
  readonly id: string | null;
  readonly errorCode: string | null;
  /** Milliseconds. */
  readonly slowerThanMs: number | null;
  /** The one that was asked for, or the one that answered: a group, an alias or a fallback makes these two. */
  readonly eitherModel: string | null;
  /** Calls that spent tokens whose price is not known, as `calls_with_unknown_cost` counts them. */
  readonly isCostUnknown: boolean;
}

/** By what sums can be split; hours, days and months are those of a zone. */
export type UsageGroup = 'hour' | 'day' | 'month' | 'key' | 'key_hash' | 'org' | 'model' | 'provider' | 'outcome';

/** Sums over records, with the values of the groups they were split by. */
export interface UsageSums {
  readonly group: Readonly<Partial<Record<UsageGroup, string | null>>>;
  readonly calls: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly attempts: number;
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly completion_tokens: number;
  readonly reasoning_tokens: number;
  /** Of the prompt and the completion: those of calls whose provider did not count. */
  readonly estimated_tokens: number;
  /** Null when the cost of no call is known. */
  readonly cost_usd: number | null;
  /** The part of it that stands on tokens which were estimated; null where `cost_usd` is. */
  readonly estimated_cost_usd: number | null;
  /** Calls that spent tokens whose price is not known. */
  readonly calls_with_unknown_cost: number;
  readonly wasted_tokens: number;
  readonly wasted_cost_usd: number | null;
}

/** Where a page begins: behind the record with this time and, among those of one second, with this number. */
export interface UsagePlace {
  readonly created: number;
  readonly seq: number;
}

/** A page of records, the newest first. */
export interface UsagePage {
  readonly records: readonly UsageRecord[];
  /** Where the next page begins; null at the end. */
  readonly next: UsagePlace | null;
}

/** How much is kept. */
export interface UsageLimits {
  /** Records from before this second are removed. */
  readonly before: number;
  /** Beyond so many bytes the oldest records are removed. */
  readonly maxBytes: number;
}

/** What some scopes have spent, as the database has it. */
export interface KeptSpend {
  readonly rows: readonly SpendRow[];
  /** Whether the batch that was asked after is in them. Not told where there are no rows: then nothing of it can be. */
  readonly hasBatch: boolean;
}

/** Where usage records live, and the sums of what was spent. Every method rejects when the store cannot do its work; the next one tries anew. */
export interface UsageStore {
  /**
   * All of it or nothing; with nothing it sees to it that the store can be used.
   * @param batch its id: a batch that was written before, without its writer hearing of it, is not written again
   * @param spend what is added to the sums, in the order in which rows are to be locked
   */
  append(records: readonly UsageRecord[], batch: string, spend: readonly SpendRow[]): Promise<void>;
  /** What these scopes have spent in these windows. @param batch one of which it is not known whether it was written */
  spent(scopes: readonly string[], windows: readonly string[], batch: string | null): Promise<KeptSpend>;
  /** @param after the `next` of the page before, null for the first page */
  page(filter: UsageFilter, limit: number, after: UsagePlace | null): Promise<UsagePage>;
  /** A page with more to choose by, each record with the attempts that were kept. */
  ended(filter: EndedFilter, limit: number, after: UsagePlace | null): Promise<UsagePage>;
  /**
   * At most `limit` groups, in the order of their values.
   * @param aheadSeconds by which clock hours, days and months are cut: so many whole seconds ahead of UTC, 0 where it is not said
   */
  sums(
    filter: UsageFilter,
    groups: readonly UsageGroup[],
    limit: number,
    aheadSeconds?: number,
  ): Promise<readonly UsageSums[]>;
  /** Removes at most `steps` of the records that are beyond the limits. Resolves to how many it removed. */
  prune(limits: UsageLimits, steps: number): Promise<number>;
  /** Removes sums of days, weeks and months from before these windows: `d20261127`, `w202647`, `m202610`. */
  forgetSpend(before: readonly string[]): Promise<void>;
}
