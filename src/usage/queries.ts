import { COLUMNS, quoted } from './columns.ts';
import type { EndedFilter, UsageFilter, UsageGroup, UsagePlace } from './store.ts';

/** A statement with its parameters, each a question mark. */
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
  const { id, outcome, errorCode, slowerThanMs, eitherModel } = filter;
  const where = conditions(filter);
  // Whatever did not go well has a code; said in these words, SQLite sees that their index has them all.
  if (errorCode !== null || outcome === 'failed' || outcome === 'cancelled') where.push(['error_code IS NOT NULL']);
  if (id !== null) where.push(['id = ?', id]);
  if (errorCode !== null) where.push(['error_code = ?', errorCode]);
  if (slowerThanMs !== null) where.push(['latency_ms > ?', slowerThanMs]);
  if (eitherModel !== null) where.push(['(model = ? OR requested_model = ?)', eitherModel, eitherModel]);
  if (filter.isCostUnknown) where.push([UNKNOWN_COST]);
  return pageOf(where, limit, after);
}

function pageOf(where: SqlCondition[], limit: number, after: UsagePlace | null): Query {
  if (after !== null) where.push(['(created, seq) < (?, ?)', after.created, after.seq]);
  return {
    sql: `SELECT seq, ${quoted(COLUMNS)} FROM calls ${toWhere(where)} ORDER BY created DESC, seq DESC LIMIT ?`,
    values: [...valuesOf(where), limit],
  };
}

/** What the engines call by different names. */
export interface UsageDialect {
  /** What sums are split by. @param at the time of a call: seconds of the epoch, by the clock that is wanted */
  groups(at: string): Readonly<Record<UsageGroup, string>>;
  /** The sum of a column, 0 where there is none. */
  total(column: string): string;
  /** The sum of a column of USD, to the nano-dollar; null where none has a value. */
  money(column: string): string;
}

/** Sums, split by the groups and in their order: what has no value comes first. */
export function sumsQuery(
  dialect: UsageDialect,
  filter: UsageFilter,
  groups: readonly UsageGroup[],
  limit: number,
  aheadSeconds = 0,
): Query {
  // A whole number, and never a client's text: it stands in the statement, because a group has no parameters.
  const words = dialect.groups(aheadSeconds === 0 ? 'created' : `created + ${Math.trunc(aheadSeconds)}`);
  const where = conditions(filter);
  const places = groups.map((_group, index) => index + 1);
  const columns = [...groups.map((group) => `${words[group]} AS "by_${group}"`), ...sumsOf(dialect)].join(', ');
  const order = places.map((place) => `${place} NULLS FIRST`).join(', ');
  const grouping = groups.length > 0 ? `GROUP BY ${places.join(', ')} ORDER BY ${order}` : '';
  return {
    sql: `SELECT ${columns} FROM calls ${toWhere(where)} ${grouping} LIMIT ?`,
    values: [...valuesOf(where), limit],
  };
}

const UNKNOWN_COST = 'usage_source IS NOT NULL AND cost_usd IS NULL';
/** Null of a call that its provider counted. */
const ESTIMATED_TOKENS = "CASE WHEN usage_source = 'estimate' THEN prompt_tokens + completion_tokens END";
/** Of a call whose cost is known and no estimate it is nothing, which is not unknown. */
const ESTIMATED_COST = "CASE WHEN cost_source = 'estimate' THEN cost_usd WHEN cost_usd IS NOT NULL THEN 0 END";

function sumsOf({ total, money }: UsageDialect): string[] {
  const totals = (...columns: readonly string[]): string[] => columns.map((column) => `${total(column)} AS ${column}`);
  return [
    'count(*) AS calls',
    "count(*) FILTER (WHERE outcome = 'failed') AS failed",
    "count(*) FILTER (WHERE outcome = 'cancelled') AS cancelled",
    ...totals('attempts', 'prompt_tokens', 'cached_tokens', 'completion_tokens', 'reasoning_tokens'),
    `${total(ESTIMATED_TOKENS)} AS estimated_tokens`,
    `${money('cost_usd')} AS cost_usd`,
    `${money(ESTIMATED_COST)} AS estimated_cost_usd`,
    `count(*) FILTER (WHERE ${UNKNOWN_COST}) AS calls_with_unknown_cost`,
    ...totals('wasted_tokens'),
    `${money('wasted_cost_usd')} AS wasted_cost_usd`,
  ];
}

type SqlCondition = readonly [sql: string, ...values: (string | number)[]];

function conditions({ from, to, key, org, model, provider, outcome }: UsageFilter): SqlCondition[] {
  const wanted: (readonly [string, string | number | null])[] = [
    ['created >= ?', from],
    ['created < ?', to],
    [isHash(key) ? 'key_hash = ?' : 'key = ? AND key_hash IS NULL', key],
    ['model = ?', model],
    ['provider = ?', provider],
    ['outcome = ?', outcome],
  ];
  return [
    ...wanted.flatMap(([sql, value]) => (value === null ? [] : [[sql, value] as const])),
    ...(org === null ? [] : [anyOf('org', [org].flat())]),
  ];
}

/** Of no values it is none, for which there is no list: Postgres takes no empty one. */
function anyOf(column: string, values: readonly string[]): SqlCondition {
  if (values.length === 0) return ['1 = 0'];
  if (values.length === 1) return [`${column} = ?`, ...values];
  return [`${column} IN (${values.map(() => '?').join(', ')})`, ...values];
}

/** What was made at run time has 64 hexadecimal digits for a name; keys of the file have what the operator likes. */
function isHash(key: string | null): boolean {
  return key !== null && /^[0-9a-f]{64}$/.test(key);
}

function toWhere(where: readonly SqlCondition[]): string {
  return where.length === 0 ? '' : `WHERE ${where.map(([sql]) => sql).join(' AND ')}`;
}

function valuesOf(where: readonly SqlCondition[]): (string | number)[] {
  return where.flatMap(([, ...values]) => values);
}
