/** A time, cut as the gateway cuts it. Seconds since the epoch; `to` is not included. */
export interface Period {
  readonly from: number;
  readonly to: number;
  readonly unit: 'hour' | 'day';
  /** The oldest first. */
  readonly buckets: readonly PeriodBucket[];
}

/** An hour or a day of a zone. */
export interface PeriodBucket {
  /** As the gateway names it: `2026-11-24`, `2026-11-24T13:00`. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const SECONDS = { hour: 3600, day: 86_400 } as const;

/** Cuts a time into hours or days. @param ahead seconds that the zone is ahead of UTC */
export function bucketsIn(from: number, to: number, unit: Period['unit'], ahead: number): Period {
  const size = SECONDS[unit];
  const buckets = Array.from({ length: Math.ceil((to - from) / size) }, (_bucket, at) => {
    const start = from + at * size;
    const name = textOf(start, ahead);
    return { name: unit === 'day' ? name.slice(0, 10) : `${name.slice(0, 13)}:00`, from: start, to: start + size };
  });
  return { from, to, unit, buckets };
}

/** The day of a second, by the clock of a zone. */
export function dayOf(second: number, ahead: number): string {
  return textOf(second, ahead).slice(0, 10);
}

/** When a day begins. */
export function secondOf(day: string, ahead: number): number {
  return Date.parse(day) / 1000 - ahead;
}

function textOf(second: number, ahead: number): string {
  return new Date((second + ahead) * 1000).toISOString();
}

/** More rows are cut off by the gateway. */
const ROWS_PER_ANSWER = 1000;
/** More questions for one chart are too many. */
const MAX_QUESTIONS = 8;

/**
 * Cuts a time so that the answer to each piece is whole, where each hour or day may have so many rows.
 * Null where that took too many questions.
 */
export function piecesOfPeriod(
  { buckets }: Period,
  rowsPerBucket: number,
): readonly (readonly PeriodBucket[])[] | null {
  const size = Math.floor(ROWS_PER_ANSWER / Math.max(1, rowsPerBucket));
  if (size === 0 || buckets.length / size > MAX_QUESTIONS) return null;
  return Array.from({ length: Math.ceil(buckets.length / size) }, (_piece, at) =>
    buckets.slice(at * size, (at + 1) * size),
  );
}

/** A bucket as people read it, in full and in short. */
export function titleOf(name: string): { readonly title: string; readonly short: string } {
  const isHour = name.length > 10;
  const at = new Date(isHour ? `${name}:00Z` : name);
  // The name has the clock of its zone already.
  const day = at.toLocaleDateString([], { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' });
  if (isHour) return { title: `${day}, ${name.slice(11)}`, short: name.slice(11) };
  return { title: day, short: at.toLocaleDateString([], { timeZone: 'UTC', day: 'numeric', month: 'short' }) };
}
