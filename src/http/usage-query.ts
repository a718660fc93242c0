import type { Key } from '../access/keys.ts';
import type { UsageFilter, UsageGroup, UsagePlace } from '../usage/store.ts';
import { decodeCursor, encodeCursor, type Parameters, type Read, readerOf, refuse, toLimit } from './query.ts';

const FILTERS = ['from', 'to', 'key', 'org', 'model', 'provider', 'outcome'];
const GROUPS = [
  'hour',
  'day',
  'month',
  'key',
  'key_hash',
  'org',
  'model',
  'provider',
  'outcome',
] as const satisfies readonly UsageGroup[];
const OUTCOMES = ['completed', 'failed', 'cancelled'] as const;
const FORMATS = ['json', 'csv'] as const;
const DAY_SECONDS = 86_400;

/** A clock that goes so many seconds ahead of UTC, as it is told: `+01:00`. */
export interface Zone {
  readonly text: string;
  readonly aheadSeconds: number;
}

/** The clock of UTC. */
const UTC: Zone = { text: '+00:00', aheadSeconds: 0 };

/** The filter of a query, which names one organisation or none. */
export interface AskedUsage extends UsageFilter {
  readonly org: string | null;
}

/** Which sums are asked for, and how they are to be told. */
export interface SumsQuery {
  readonly filter: AskedUsage;
  readonly groups: readonly UsageGroup[];
  readonly zone: Zone;
  readonly format: 'json' | 'csv';
}

/** What sums are asked for. @throws GatewayError 400 that names the parameter and what is expected */
export function parseSumsQuery(given: Parameters): SumsQuery {
  const read = readerOf(given, [...FILTERS, 'group_by', 'tz', 'format']);
  const zone = toZone(read('tz'));
  const names = (read('group_by') ?? '').split(',').map((name) => name.trim());
  const groups = names.filter((name) => name !== '').map((name) => oneOf(GROUPS, name, 'group_by'));
  const format = oneOf(FORMATS, read('format') ?? 'json', 'format');
  return { filter: toFilter(read, zone), groups: [...new Set(groups)], zone, format };
}

/** Which page of records is asked for. @throws GatewayError 400 */
export function parsePageQuery(given: Parameters): { filter: AskedUsage; limit: number; after: UsagePlace | null } {
  const read = readerOf(given, [...FILTERS, 'limit', 'after']);
  return { filter: toFilter(read), limit: toLimit(read('limit')), after: fromCursor(read('after')) };
}

/** Names the last record of a page. */
export function toCursor({ created, seq }: UsagePlace): string {
  return encodeCursor(`at:${created}:${seq}`);
}

/** Where the page after this cursor begins. @throws GatewayError 400 */
export function fromCursor(cursor: string | null): UsagePlace | null {
  const [created, seq] = decodeCursor(cursor, /^at:(\d{1,15}):(\d{1,15})$/) ?? [];
  return seq === undefined ? null : { created: Number(created), seq: Number(seq) };
}

/** What a caller may see of the log: of a key that serves several organisations, what it did for this one. */
export function ownUsage({ hash, name, org, servesOrgs }: Key): Pick<AskedUsage, 'key' | 'org'> {
  return { key: hash ?? name, org: servesOrgs ? org : null };
}

/** The filters that all questions about ended calls have. @param zone whose days are meant @throws GatewayError 400 */
export function toFilter(read: Read, zone: Zone = UTC): AskedUsage {
  const outcome = read('outcome');
  const filter = {
    from: toSecond(read('from'), 'from', zone),
    to: toSecond(read('to'), 'to', zone),
    key: read('key'),
    org: read('org'),
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
function toSecond(text: string | null, name: 'from' | 'to', { aheadSeconds }: Zone): number | null {
  if (text === null) return null;
  if (/^\d{9,11}$/.test(text)) return Number(text);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text);
  const ms = isDay || isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) refuse(name, 'a day (2026-11-24), a time (2026-11-24T12:00:00Z) or Unix seconds', text);
  const second = Math.floor(ms / 1000);
  return isDay ? second - aheadSeconds + (name === 'to' ? DAY_SECONDS : 0) : second;
}

/** No clock goes further ahead, or behind. */
const FURTHEST_HOURS = 14;

/** An unencoded plus arrives as a space. Zones with names change their clocks within the year: they have no one offset. */
function toZone(text: string | null): Zone {
  if (text === null || text === 'Z' || text === 'UTC') return UTC;
  const [, sign = '', hours = '', minutes = ''] = /^([+ -])(\d{2}):(\d{2})$/.exec(text) ?? [];
  const aheadMinutes = Number(hours) * 60 + Number(minutes);
  if (sign === '' || Number(minutes) > 59 || aheadMinutes > FURTHEST_HOURS * 60)
    refuse('tz', 'an offset from UTC such as +01:00 or -05:30, at most 14 hours', text);
  const isBehind = sign === '-' && aheadMinutes > 0;
  return { text: `${isBehind ? '-' : '+'}${hours}:${minutes}`, aheadSeconds: (isBehind ? -60 : 60) * aheadMinutes };
}

function oneOf<T extends string>(known: readonly T[], text: string, name: string): T {
  const found = known.find((value) => value === text);
  if (found === undefined)
    refuse(name, `${known.join(', ')}${name === 'group_by' ? ', or several with commas' : ''}`, text, known);
  return found;
}
