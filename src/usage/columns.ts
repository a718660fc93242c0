import { parseJson } from '../protocol/json.ts';
import type { AttemptRecord } from './attempts.ts';
import type { UsageRecord } from './record.ts';
import type { UsageGroup, UsagePage, UsageSums } from './store.ts';

/** Columns of a record, in the order of the table. */
export const COLUMNS = [
  'id',
  'created',
  'key',
  'key_hash',
  'org',
  'model',
  'provider',
  'outcome',
  'status',
  'attempts',
  'prompt_tokens',
  'cached_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'usage_source',
  'cost_usd',
  'cost_source',
  'ttft_ms',
  'latency_ms',
  'finish_reason',
  'error_code',
  'wasted_tokens',
  'wasted_cost_usd',
  'path',
  'request_bytes',
  'response_bytes',
  'rescue',
  'requested_model',
  'user',
  'metadata',
  'dropped_params',
] as const satisfies readonly (keyof UsageRecord)[];

/** Columns of an attempt, besides the number of its call, which comes first. */
export const ATTEMPT_COLUMNS = [
  'number',
  'model',
  'provider',
  'started_ms',
  'ttft_ms',
  'duration_ms',
  'rescue',
  'kind',
  'status',
  'message',
] as const satisfies readonly (keyof AttemptRecord)[];

/** A row as an engine gives it. */
export type UsageRow = Readonly<Record<string, unknown>>;

/** Names as they are written in statements: `user` is a word of SQL. */
export function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ');
}

/** Values of a record in the order of {@link COLUMNS}; pairs and lists are kept as JSON. */
export function valuesOfRecord(record: UsageRecord): (string | number | null)[] {
  return COLUMNS.map((column) => {
    const value = record[column];
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  });
}

/** A page out of rows of which one more was asked for than it has. */
export function toPage(rows: readonly UsageRow[], limit: number): UsagePage {
  const shown = rows.slice(0, limit);
  const records = shown.map((row) => ({
    ...Object.fromEntries(COLUMNS.map((column) => [column, row[column]])),
    metadata: toValue(row['metadata']),
    dropped_params: toValue(row['dropped_params']),
  }));
  const { seq, created } = shown.at(-1) ?? {};
  return {
    // The table has the very columns, and only the log writes it.
    records: records as unknown as UsageRecord[],
    next: rows.length > limit ? { created: Number(created), seq: Number(seq) } : null,
  };
}

/** Whether attempts of this call may have been kept: of one that went well at once there are none. */
export function mayHaveTries({ attempts, error_code: code }: UsageRecord): boolean {
  return attempts > 1 || code !== null;
}

/** The sums of a row, with the values of the groups it was asked for. */
export function toSums(row: UsageRow, groups: readonly UsageGroup[]): UsageSums {
  const group = Object.fromEntries(groups.map((name) => [name, row[`by_${name}`]]));
  const sums = Object.entries(row).filter(([name]) => !name.startsWith('by_'));
  return { group, ...Object.fromEntries(sums) } as unknown as UsageSums;
}

function toValue(text: unknown): unknown {
  return typeof text === 'string' ? (parseJson(text) ?? null) : null;
}
