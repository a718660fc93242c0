import { bucketsIn, dayOf, type Period, secondOf } from './period.ts';

/** By what the sums are split. */
export const SPLITS = ['model', 'provider', 'key', 'outcome'] as const;
export type Split = (typeof SPLITS)[number];

/** How many days it goes back, today included; `24h` goes by hours, and `own` has dates of its own. */
const RANGES = { today: 1, '24h': 1, '7d': 7, '30d': 30, '90d': 90, own: 0 } as const;
export type RangeName = keyof typeof RANGES;

/** What the page shows, as its address has it. */
export interface Question {
  readonly range: RangeName;
  /** The first and the last day of `own`, as `2026-11-24`. */
  readonly days: readonly [first: string, last: string] | null;
  /** An offset from UTC: `+01:00`. */
  readonly zone: string;
  /** The id of a key; null for all that may be seen. */
  readonly key: string | null;
  readonly split: Split;
}

/** What the reader may ask for. */
export interface Asker {
  /** The offset of the browser's clock. */
  readonly ownZone: string;
  readonly isAdmin: boolean;
  /** Whether the calls behind the sums are there for the reader: who manages an organisation sees what it used, and no call. */
  readonly seesCalls: boolean;
}

/** The question of an address. What it does not say, or says wrong, is as it is without it. */
export function readQuestion(
  query: URLSearchParams,
  { ownZone, isAdmin }: Pick<Asker, 'ownZone' | 'isAdmin'>,
): Question {
  const days = daysOf(query.get('from'), query.get('to'));
  const range = query.get('range') ?? '';
  const known = Object.hasOwn(RANGES, range) ? (range as RangeName) : '7d';
  const zone = query.get('tz') ?? '';
  const split = SPLITS.find((name) => name === query.get('by') && (isAdmin || name !== 'key'));
  return {
    range: known === 'own' && days === null ? '7d' : known,
    days: known === 'own' ? days : null,
    zone: isZone(zone) ? zone : ownZone,
    key: (isAdmin && query.get('key')) || null,
    split: split ?? 'model',
  };
}

/** No clock goes further ahead, or behind, and the gateway refuses one that does. */
const FURTHEST_HOURS = 14;

function isZone(text: string): boolean {
  return /^[+-]\d\d:[0-5]\d$/.test(text) && Math.abs(aheadOf(text)) <= FURTHEST_HOURS * HOUR;
}

/** More days are more bars than a screen has room for. */
const MAX_DAYS = 366;

/** In their order, whichever was written first; of a longer time the end. */
function daysOf(from: string | null, to: string | null): Question['days'] {
  const [first, last = first] = [from, to].filter(isDay).sort();
  if (first === undefined || last === undefined) return null;
  const end = secondOf(last, 0);
  return [dayOf(Math.max(secondOf(first, 0), end - (MAX_DAYS - 1) * DAY), 0), dayOf(end, 0)];
}

/** Of a year in which there may be calls: the gateway refuses seconds from long before and after. */
function isDay(text: string | null): text is string {
  return text !== null && /^(19[89]|2\d\d)\d-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Which time is meant. @param now milliseconds since the epoch */
export function periodOf({ range, days, zone }: Question, now: number): Period {
  const ahead = aheadOf(zone);
  if (days !== null) {
    const [first, last] = days;
    return bucketsIn(secondOf(first, ahead), secondOf(last, ahead) + DAY, first === last ? 'hour' : 'day', ahead);
  }
  if (range === '24h') {
    // Hours begin where the clock of the zone has whole ones.
    const end = (Math.floor((now / 1000 + ahead) / HOUR) + 1) * HOUR - ahead;
    return bucketsIn(end - DAY, end, 'hour', ahead);
  }
  const tomorrow = secondOf(dayOf(now / 1000, ahead), ahead) + DAY;
  return bucketsIn(tomorrow - RANGES[range] * DAY, tomorrow, range === 'today' ? 'hour' : 'day', ahead);
}

/** Seconds that a zone is ahead of UTC. */
export function aheadOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  return (sign === '-' ? -60 : 60) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

/** The offset of a clock that is so many minutes ahead of UTC. */
export function zoneOf(minutes: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
}

/** A stretch of time, from a second on and to before another. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The query of `GET /v1/usage`. */
export function sumsQuery({ zone, key }: Question, { from, to }: Stretch, groups: readonly string[]): URLSearchParams {
  return new URLSearchParams({
    from: String(from),
    to: String(to),
    tz: zone,
    group_by: groups.join(','),
    ...(key !== null && { key }),
  });
}

/** Where the calls behind a number are, below `/console`; null where the reader sees none. @param filters of the list of calls */
export function callsPath(
  { key }: Question,
  { from, to }: Stretch,
  filters: Readonly<Record<string, string>>,
  { seesCalls }: Asker,
): string | null {
  if (!seesCalls) return null;
  return `/calls?${new URLSearchParams({ from: String(from), to: String(to), ...(key !== null && { key }), ...filters })}`;
}
