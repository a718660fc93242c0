import type { AttemptRecord } from './attempts.ts';
import type { UsageRecord } from './record.ts';
import type { EndedFilter, UsageFilter, UsageGroup, UsagePlace } from './store.ts';

/** Columns of a record, in the order of the table. */
export const COLUMNS = [
  'id',
  'created',
  'key',
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

/** What brings a database from version n, the index, to n + 1. Never change one: add another. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE calls (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    key TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT,
    outcome TEXT NOT NULL,
    status INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    prompt_tokens INTEGER,
    cached_tokens INTEGER,
    completion_tokens INTEGER,
    reasoning_tokens INTEGER,
    usage_source TEXT,
    cost_usd REAL,
    cost_source TEXT,
    ttft_ms REAL,
    latency_ms REAL,
    finish_reason TEXT,
    error_code TEXT,
    wasted_tokens INTEGER NOT NULL,
    wasted_cost_usd REAL
  ) STRICT;
  CREATE INDEX calls_created ON calls (created);`,
  // What one key may see is found without a look at what the others did. It adds 20 bytes to a record.
  'CREATE INDEX calls_key_created ON calls (key, created)',
  `ALTER TABLE calls ADD COLUMN path TEXT NOT NULL DEFAULT '/v1/chat/completions';
  ALTER TABLE calls ADD COLUMN request_bytes INTEGER;
  ALTER TABLE calls ADD COLUMN response_bytes INTEGER;`,
  'ALTER TABLE calls ADD COLUMN rescue TEXT',
  // What failed is found among all that did not, and what did not adds nothing to these indexes.
  // Attempts go with their call by a trigger: a reference does that only in programs that switch it on, and a number is
  // given again once the last call is gone.
  `ALTER TABLE calls ADD COLUMN requested_model TEXT;
  ALTER TABLE calls ADD COLUMN user TEXT;
  ALTER TABLE calls ADD COLUMN metadata TEXT;
  CREATE TABLE attempts (
    call_seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    ttft_ms REAL,
    duration_ms REAL,
    rescue TEXT,
    kind TEXT,
    status INTEGER,
    message TEXT,
    PRIMARY KEY (call_seq, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER attempts_of_call AFTER DELETE ON calls BEGIN DELETE FROM attempts WHERE call_seq = old.seq; END;
  CREATE INDEX errors_created ON calls (created) WHERE error_code IS NOT NULL;
  CREATE INDEX errors_key_created ON calls (key, created) WHERE error_code IS NOT NULL;`,
];

/** Adds one record; the parameters are the values of {@link COLUMNS}. */
export const INSERT = `INSERT INTO calls (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;

/** Adds one attempt; the parameters are the number of its call and the values of {@link ATTEMPT_COLUMNS}. */
export const INSERT_ATTEMPT = `INSERT INTO attempts (call_seq, ${ATTEMPT_COLUMNS.join(', ')}) VALUES (?, ${ATTEMPT_COLUMNS.map(() => '?').join(', ')})`;

/** Removes at most as many records as the second parameter says from before the second that the first one says. */
export const DELETE_BEFORE =
  'DELETE FROM calls WHERE seq IN (SELECT seq FROM calls WHERE created < ? ORDER BY created LIMIT ?)';

/** Removes so many of the oldest records. */
export const DELETE_OLDEST = 'DELETE FROM calls WHERE seq IN (SELECT seq FROM calls ORDER BY seq LIMIT ?)';

/** A statement with its parameters. */
export interface Query {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** One page of records, the newest first: in the order of the indexes, so that nothing has to be sorted. */
export function pageQuery(filter: UsageFilter, limit: number, after: UsagePlace | null): Query {
  return pageOf(conditions(filter), limit, after);
}

/** One page of ended calls, in the same order. */
export function endedQuery(filter: EndedFilter, limit: number, after: UsagePlace | null): Query {
  const { outcome, errorCode, slowerThanMs } = filter;
  const where = conditions(filter);
  // Whatever did not go well has a code; said in these words, SQLite sees that their index has them all.
  if (errorCode !== null || outcome === 'failed' || outcome === 'cancelled') where.push(['error_code IS NOT NULL']);
  if (errorCode !== null) where.push(['error_code = ?', errorCode]);
  if (slowerThanMs !== null) where.push(['latency_ms > ?', slowerThanMs]);
  return pageOf(where, limit, after);
}

/** The attempts of one call, in their order. */
export const ATTEMPTS_OF = `SELECT ${ATTEMPT_COLUMNS.join(', ')} FROM attempts WHERE call_seq = ? ORDER BY number`;

function pageOf(where: SqlCondition[], limit: number, after: UsagePlace | null): Query {
  if (after !== null) where.push(['(created, seq) < (?, ?)', after.created, after.seq]);
  return {
    sql: `SELECT seq, ${COLUMNS.join(', ')} FROM calls ${toWhere(where)} ORDER BY created DESC, seq DESC LIMIT ?`,
    values: [...valuesOf(where), limit],
  };
}

const GROUPS: Readonly<Record<UsageGroup, string>> = {
  day: "date(created, 'unixepoch')",
  month: "strftime('%Y-%m', created, 'unixepoch')",
  // The plus keeps SQLite from taking the index of the keys for the order of the groups: each record would then be
  // fetched by itself, in twice the time that reading all of them takes.
  key: '+key',
  model: 'model',
  provider: 'provider',
  outcome: 'outcome',
};

const SUMS = [
  'count(*) AS calls',
  "count(*) FILTER (WHERE outcome = 'failed') AS failed",
  "count(*) FILTER (WHERE outcome = 'cancelled') AS cancelled",
  'total(attempts) AS attempts',
  'total(prompt_tokens) AS prompt_tokens',
  'total(cached_tokens) AS cached_tokens',
  'total(completion_tokens) AS completion_tokens',
  'total(reasoning_tokens) AS reasoning_tokens',
  'sum(cost_usd) AS cost_usd',
  'count(*) FILTER (WHERE usage_source IS NOT NULL AND cost_usd IS NULL) AS calls_with_unknown_cost',
  'total(wasted_tokens) AS wasted_tokens',
  'sum(wasted_cost_usd) AS wasted_cost_usd',
];

/** Sums, split by the groups. */
export function sumsQuery(filter: UsageFilter, groups: readonly UsageGroup[], limit: number): Query {
  const where = conditions(filter);
  const by = groups.map((_group, index) => index + 1).join(', ');
  const columns = [...groups.map((group) => `${GROUPS[group]} AS "by_${group}"`), ...SUMS].join(', ');
  const grouping = groups.length > 0 ? `GROUP BY ${by} ORDER BY ${by}` : '';
  return {
    sql: `SELECT ${columns} FROM calls ${toWhere(where)} ${grouping} LIMIT ?`,
    values: [...valuesOf(where), limit],
  };
}

type SqlCondition = readonly [sql: string, ...values: (string | number)[]];

function conditions({ from, to, key, model, provider, outcome }: UsageFilter): SqlCondition[] {
  const wanted: (readonly [string, string | number | null])[] = [
    ['created >= ?', from],
    ['created < ?', to],
    ['key = ?', key],
    ['model = ?', model],
    ['provider = ?', provider],
    ['outcome = ?', outcome],
  ];
  return wanted.flatMap(([sql, value]) => (value === null ? [] : [[sql, value] as const]));
}

function toWhere(where: readonly SqlCondition[]): string {
  return where.length === 0 ? '' : `WHERE ${where.map(([sql]) => sql).join(' AND ')}`;
}

function valuesOf(where: readonly SqlCondition[]): (string | number)[] {
  return where.flatMap(([, ...values]) => values);
}
