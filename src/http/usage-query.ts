import { didYouMean } from '../config/nearest.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { UsageFilter, UsageGroup } from '../usage/store.ts';

/** Parameters of a question about usage, as strings; those of the command line have the same names. */
export type UsageParameters = Readonly<Record<string, unknown>>;

const FILTERS = ['from', 'to', 'key', 'model', 'provider', 'outcome'];
const GROUPS = ['day', 'month', 'key', 'model', 'provider', 'outcome'] as const satisfies readonly UsageGroup[];
const OUTCOMES = ['completed', 'failed', 'cancelled'] as const;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const DAY_SECONDS = 86_400;

/** What sums are asked for. @throws GatewayError 400 that names the parameter and what is expected */
export function parseSumsQuery(given: UsageParameters): { filter: UsageFilter; groups: UsageGroup[] } {
  const read = readerOf(given, [...FILTERS, 'group_by']);
  const names = (read('group_by') ?? '').split(',').map((name) => name.trim());
  const groups = names.filter((name) => name !== '').map((name) => oneOf(GROUPS, name, 'group_by'));
  return { filter: toFilter(read), groups: [...new Set(groups)] };
}

/** Which page of records is asked for. @throws GatewayError 400 */
export function parsePageQuery(given: UsageParameters): { filter: UsageFilter; limit: number; after: number | null } {
  const read = readerOf(given, [...FILTERS, 'limit', 'after']);
  return { filter: toFilter(read), limit: toLimit(read('limit')), after: fromCursor(read('after')) };
}

/** Opaque to clients: where a page begins may be told otherwise one day. */
export function toCursor(next: number): string {
  return Buffer.from(`seq:${next}`).toString('base64url');
}

function fromCursor(cursor: string | null): number | null {
  if (cursor === null) return null;
  const seq = /^seq:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (seq === undefined) refuse('after', 'the next_cursor of the page before', cursor);
  return Number(seq);
}

type Read = (name: string) => string | null;

/** Reads a parameter; an empty one is none. */
function readerOf(given: UsageParameters, known: readonly string[]): Read {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const message = `Unknown parameter '${name.slice(0, 40)}'${didYouMean(name, known)} (known: ${known.join(', ')}).`;
    throw new GatewayError('invalid_value', message, { param: name.slice(0, 40) });
  }
  return (name) => {
    const value = given[name];
    if (value === undefined || value === '') return null;
    if (typeof value !== 'string') refuse(name, 'one value', 'several');
    return value;
  };
}

function toFilter(read: Read): UsageFilter {
  const outcome = read('outcome');
  const filter = {
    from: toSecond(read('from'), 'from'),
    to: toSecond(read('to'), 'to'),
    key: read('key'),
    model: read('model'),
    provider: read('provider'),
    outcome: outcome === null ? null : oneOf(OUTCOMES, outcome, 'outcome'),
  };
  if (filter.from !== null && filter.to !== null && filter.from >= filter.to) {
    refuse('to', `a time after 'from' (${read('from')})`, read('to') ?? '');
  }
  return filter;
}

/** A day, a time or Unix seconds. As `to`, a day is included and a time is not. */
function toSecond(text: string | null, name: 'from' | 'to'): number | null {
  if (text === null) return null;
  if (/^\d{9,11}$/.test(text)) return Number(text);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text);
  const ms = isDay || isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) refuse(name, 'a day (2026-11-24), a time (2026-11-24T12:00:00Z) or Unix seconds', text);
  return Math.floor(ms / 1000) + (isDay && name === 'to' ? DAY_SECONDS : 0);
}

function toLimit(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) refuse('limit', `a number from 1 to ${MAX_LIMIT}`, text);
  return limit;
}

function oneOf<T extends string>(known: readonly T[], text: string, name: string): T {
  const found = known.find((value) => value === text);
  if (found === undefined)
    refuse(name, `${known.join(', ')}${name === 'group_by' ? ', or several with commas' : ''}`, text, known);
  return found;
}

function refuse(name: string, expected: string, found: string, known: readonly string[] = []): never {
  const hint = didYouMean(found, known);
  throw new GatewayError(
    'invalid_value',
    `${name}: expected ${expected}; found '${found.slice(0, 60)}'${hint || '.'}`,
    {
      param: name,
    },
  );
}
