/** The windows of a budget, in UTC; weeks begin on Monday. Everything that is kept for each has this order. */
export const WINDOWS = ['day', 'week', 'month', 'total'] as const;
export type WindowName = (typeof WINDOWS)[number];

/** Which windows a moment lies in, in the order of {@link WINDOWS}: `[20261128, 202648, 202611, 0]`. */
export type WindowIds = readonly [day: number, week: number, month: number, total: number];

const DAY_MS = 86_400_000;
/** Days from a Monday to 1970-01-01, a Thursday. */
const EPOCH_WEEKDAY = 3;

/** The last day that was asked for: every call asks for its own, and the calendar takes a microsecond. */
let latest: { readonly day: number; readonly ids: WindowIds } = { day: Number.NaN, ids: [0, 0, 0, 0] };

/** @param at milliseconds since the epoch */
export function windowsAt(at: number): WindowIds {
  const day = dayNumber(at);
  if (day !== latest.day) latest = { day, ids: windowsOf(day) };
  return latest.ids;
}

function windowsOf(day: number): WindowIds {
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  return [(year * 100 + month) * 100 + date.getUTCDate(), isoWeek(day), year * 100 + month, 0];
}

/** Days since the epoch. */
export function dayNumber(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** A window as the database names it: `d20261128`, `w202648`, `m202611`, `total`. */
export function windowKey(index: number, ids: WindowIds): string {
  const name = WINDOWS[index] ?? 'total';
  return name === 'total' ? name : `${name.charAt(0)}${ids[index]}`;
}

/** The current windows as the database names them. */
export function windowKeysAt(at: number): Readonly<Record<WindowName, string>> {
  const ids = windowsAt(at);
  const keys = WINDOWS.map((name, index) => [name, windowKey(index, ids)]);
  return Object.fromEntries(keys) as Record<WindowName, string>;
}

/**
 * Yesterday, last week and last month: a call that was admitted then may still be running. What was spent before them
 * limits nothing any more.
 */
export function windowKeysBefore(at: number): readonly string[] {
  const date = new Date(at);
  const lastMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1);
  return [at - DAY_MS, at - 7 * DAY_MS, lastMonth].map((before, index) => windowKey(index, windowsAt(before)));
}

/** When the next window begins, in milliseconds since the epoch; null for what never does. */
export function nextWindowAt(name: WindowName, at: number): number | null {
  const day = dayNumber(at);
  switch (name) {
    case 'day':
      return (day + 1) * DAY_MS;
    case 'week':
      return (day - weekday(day) + 7) * DAY_MS;
    case 'month': {
      const date = new Date(at);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
    }
    case 'total':
      return null;
    default:
      return name satisfies never;
  }
}

/** A week belongs to the year that has its Thursday, and is counted from that year's first: 202653. */
function isoWeek(day: number): number {
  const thursday = day - weekday(day) + 3;
  const year = new Date(thursday * DAY_MS).getUTCFullYear();
  return year * 100 + Math.floor((thursday - dayNumber(Date.UTC(year, 0))) / 7) + 1;
}

/** 0 is Monday. */
function weekday(day: number): number {
  return (day + EPOCH_WEEKDAY) % 7;
}
