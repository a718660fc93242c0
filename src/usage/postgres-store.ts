import type { Postgres, PostgresSession, PostgresStatement } from '../database/postgres.ts';
import type { SpendRow } from '../limits/spend.ts';
import type { AttemptRecord } from './attempts.ts';
import {
  ATTEMPT_COLUMNS,
  COLUMNS,
  mayHaveTries,
  quoted,
  toPage,
  toSums,
  type UsageRow,
  valuesOfRecord,
} from './columns.ts';
import { createPruning } from './pruning.ts';
import { endedQuery, pageQuery, type Query, sumsQuery, type UsageDialect } from './queries.ts';
import type { UsageRecord } from './record.ts';
import type { UsageStore } from './store.ts';

/** Usage records in Postgres. */
export function createPostgresUsageStore(postgres: Postgres): UsageStore {
  const remove = (text: string, ...values: readonly number[]): Promise<number> => postgres.run({ text, values });
  return {
    async append(records, batch, spend) {
      if (records.length === 0 && spend.length === 0) return postgres.open();
      await postgres.transaction(async (session) => {
        const isNew = (await session.run({ text: INSERT_BATCH, values: [batch], name: 'usage-batch' })) > 0;
        if (isNew && records.length > 0) await insert(session, records);
        if (isNew && spend.length > 0) await addSpend(session, spend);
      });
    },
    async spent(scopes, windows, batch) {
      const found = await postgres.query<SpendRow & { has_batch?: boolean }>({
        text: SPEND_OF,
        values: [scopes, windows, batch],
        name: 'spend-of',
      });
      return {
        rows: found.map(({ has_batch: _, ...row }) => row),
        hasBatch: found[0]?.has_batch === true,
      };
    },
    page: async (filter, limit, after) =>
      toPage(await postgres.query(numbered(pageQuery(filter, limit + 1, after))), limit),
    // What may take long is ended by the server itself, which it is told for a transaction.
    ended: (filter, limit, after) =>
      postgres.transaction(async (session) => {
        const rows = await session.query<UsageRow>(numbered(endedQuery(filter, limit + 1, after)));
        const { records, next } = toPage(rows, limit);
        return { records: await withTries(session, rows, records), next };
      }),
    sums: (filter, groups, limit, aheadSeconds) =>
      postgres.transaction(async (session) => {
        const rows = await session.query<UsageRow>(numbered(sumsQuery(DIALECT, filter, groups, limit, aheadSeconds)));
        return rows.map((row) => toSums(row, groups));
      }),
    prune: createPruning({
      async removeBefore(second, steps) {
        await remove(DELETE_BATCHES);
        return remove(DELETE_BEFORE, second, steps);
      },
      async excess(maxBytes) {
        const [size] = await postgres.query<{ records: number; bytes: number | null }>({ text: SIZE });
        const { records = 0, bytes = null } = size ?? {};
        return bytes === null ? 0 : Math.max(0, records - Math.floor(maxBytes / bytes));
      },
      removeOldest: (steps) => remove(DELETE_OLDEST, steps),
    }),
    async forgetSpend(before) {
      for (const win of before) await postgres.run({ text: DELETE_SPEND, values: [win.charAt(0), win] });
    },
  };
}

async function insert(session: PostgresSession, records: readonly UsageRecord[]): Promise<void> {
  const rows = await session.query<{ seq: number }>({
    text: INSERT,
    values: columnsOf(records.map(valuesOfRecord), COLUMNS.length),
    name: 'usage-records',
  });
  const attempts = records.flatMap((record, at) =>
    (record.tries ?? []).map((attempt) => [rows[at]?.seq ?? 0, ...ATTEMPT_COLUMNS.map((column) => attempt[column])]),
  );
  if (attempts.length === 0) return;
  const values = columnsOf(attempts, ATTEMPT_COLUMNS.length + 1);
  await session.run({ text: INSERT_ATTEMPTS, values, name: 'usage-attempts' });
}

async function addSpend(session: PostgresSession, spend: readonly SpendRow[]): Promise<void> {
  const values = SPEND_COLUMNS.map((column) => spend.map((row) => row[column]));
  await session.run({ text: ADD_SPEND, values, name: 'usage-spend' });
}

async function withTries(
  session: PostgresSession,
  rows: readonly UsageRow[],
  records: readonly UsageRecord[],
): Promise<readonly UsageRecord[]> {
  const wanted = records.flatMap((record, at) => (mayHaveTries(record) ? [rows[at]?.['seq']] : []));
  if (wanted.length === 0) return records;
  const found = await session.query<AttemptRecord & { call_seq?: number }>({ text: ATTEMPTS_OF, values: [wanted] });
  const bySeq = Map.groupBy(found, ({ call_seq: seq }) => seq);
  return records.map((record, at) => {
    const tries = bySeq.get(rows[at]?.['seq'] as number)?.map(({ call_seq: _, ...attempt }) => attempt);
    return tries === undefined ? record : { ...record, tries };
  });
}

/** Rows as columns, for `unnest`. */
function columnsOf(rows: readonly (readonly unknown[])[], width: number): unknown[][] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]));
}

/** With `$1`, `$2` … for its question marks. */
function numbered({ sql, values }: Query): PostgresStatement {
  let number = 0;
  return { text: sql.replaceAll('?', () => `$${++number}`), values };
}

/** In the order of their bytes, as in SQLite, whatever the language of the database. */
const asBytes = (column: string): string => `${column} COLLATE "C"`;

/** A time in words, whatever the zone of the database. */
const timeText = (at: string, pattern: string): string =>
  `to_char(to_timestamp(${at}) AT TIME ZONE 'UTC', '${pattern}') COLLATE "C"`;

const DIALECT: UsageDialect = {
  groups: (at) => ({
    hour: timeText(at, 'YYYY-MM-DD"T"HH24:00'),
    day: timeText(at, 'YYYY-MM-DD'),
    month: timeText(at, 'YYYY-MM'),
    key: asBytes('key'),
    key_hash: asBytes('key_hash'),
    org: asBytes('org'),
    model: asBytes('model'),
    provider: asBytes('provider'),
    outcome: asBytes('outcome'),
  }),
  total: (column) => `coalesce(sum(${column}), 0)`,
  money: (column) => `sum((${column} * 1e9)::bigint) / 1e9`,
};

const NUMBERS: ReadonlySet<string> = new Set([
  ...['created', 'status', 'attempts', 'prompt_tokens', 'cached_tokens', 'completion_tokens', 'reasoning_tokens'],
  ...['wasted_tokens', 'request_bytes', 'response_bytes', 'call_seq', 'number', 'started_ms'],
]);
const FRACTIONS: ReadonlySet<string> = new Set(['cost_usd', 'ttft_ms', 'latency_ms', 'wasted_cost_usd', 'duration_ms']);

/** `unnest` with one array a column. */
function arraysOf(columns: readonly string[]): string {
  const types = columns.map((column) => (NUMBERS.has(column) ? 'bigint' : FRACTIONS.has(column) ? 'float8' : 'text'));
  return `unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})`;
}

const BATCHES_KEPT_SECONDS = 2 * 86_400;
const INSERT_BATCH =
  'INSERT INTO batches (id, at) VALUES ($1, extract(epoch FROM now())::bigint) ON CONFLICT DO NOTHING';
const DELETE_BATCHES = `DELETE FROM batches WHERE at < extract(epoch FROM now()) - ${BATCHES_KEPT_SECONDS}`;
/** In the order of the records, and so come their numbers. */
const INSERT = `INSERT INTO calls (${quoted(COLUMNS)})
  SELECT ${quoted(COLUMNS)} FROM ${arraysOf(COLUMNS)} WITH ORDINALITY AS given (${quoted(COLUMNS)}, place)
  ORDER BY place RETURNING seq`;
const INSERT_ATTEMPTS = `INSERT INTO attempts (call_seq, ${quoted(ATTEMPT_COLUMNS)})
  SELECT * FROM ${arraysOf(['call_seq', ...ATTEMPT_COLUMNS])}`;
const ATTEMPTS_OF = `SELECT call_seq, ${quoted(ATTEMPT_COLUMNS)} FROM attempts WHERE call_seq = ANY($1)
  ORDER BY call_seq, number`;
const SPEND_COLUMNS = ['scope', 'win', 'nano', 'calls', 'tokens'] as const satisfies readonly (keyof SpendRow)[];
/** Two gateways that add to the same rows lock them in one order. */
const ADD_SPEND = `INSERT INTO spend (scope, win, nano, calls, tokens)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS given (scope, win, nano, calls, tokens)
  ORDER BY scope COLLATE "C", win COLLATE "C"
  ON CONFLICT (scope, win) DO UPDATE
  SET nano = spend.nano + excluded.nano, calls = spend.calls + excluded.calls, tokens = spend.tokens + excluded.tokens`;
/** In one statement, so that sums and batch are of one moment. */
const SPEND_OF = `SELECT scope, win, nano, calls, tokens, EXISTS (SELECT 1 FROM batches WHERE id = $3) AS has_batch
  FROM spend WHERE scope = ANY($1::text[]) AND win = ANY($2::text[])`;
/** Of one kind of windows; the first parameter is its letter. */
const DELETE_SPEND = 'DELETE FROM spend WHERE win > $1 AND win < $2';
/** What another gateway is removing is left to it. */
const DELETE_BEFORE = `DELETE FROM calls WHERE seq IN
  (SELECT seq FROM calls WHERE created < $1 ORDER BY created LIMIT $2 FOR UPDATE SKIP LOCKED)`;
const DELETE_OLDEST = `DELETE FROM calls WHERE seq IN
  (SELECT seq FROM calls ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED)`;
/**
 * How many records there are, by their numbers, and the bytes of one, by the last thousand: what a table takes on the disk
 * does not shrink when rows are deleted. 100 bytes for the places in the indexes, besides the key.
 */
const SIZE = `SELECT
  (SELECT coalesce(max(seq) - min(seq) + 1, 0) FROM calls) AS records,
  (SELECT avg(pg_column_size(last.*) + length(key) + 100 +
    coalesce((SELECT sum(pg_column_size(attempts.*) + 30) FROM attempts WHERE call_seq = last.seq), 0))::float8
    FROM (SELECT * FROM calls ORDER BY seq DESC LIMIT 1000) AS last) AS bytes`;
