import { type CallPage, nameOf, type SomeCall } from '../../feed/calls.ts';
import type { LiveCall, LiveState } from '../../feed/live-events.ts';
import type { CallSummary, EndedBody } from '../../feed/wire.ts';

/** More rows at once would slow the page down, and are not read. */
const MAX_ROWS = 200;

/** The calls that run, as they were told of. */
export interface Flight {
  /** The oldest first, at most {@link MAX_ROWS}. */
  readonly calls: readonly LiveCall[];
  readonly total: number;
  /** Whether there may be more than the total. */
  readonly isMore: boolean;
  readonly tokensPerSecond: number;
}

/** As the live feed tells it. */
export function toldBy({ calls, inFlight, tokensPerSecond }: LiveState): Flight {
  const rows = [...calls.values()].sort((one, other) => one.call.created_at.localeCompare(other.call.created_at));
  return { calls: rows.slice(0, MAX_ROWS), total: inFlight, isMore: false, tokensPerSecond };
}

/** As it was asked for. @param now milliseconds since the epoch */
export function askedFor(
  { data, has_more: isMore }: CallPage<CallSummary>,
  tokensPerSecond: number,
  now: number,
): Flight {
  return { calls: data.map((call) => ({ call, toldAt: now })), total: data.length, isMore, tokensPerSecond };
}

/** A row of the table; of a call that is over, and keeps its place for a while, there is no time. */
export interface FlightRow {
  readonly call: SomeCall;
  readonly toldAt: number | null;
}

/** The rows with their ages as they are now: a call that waits is told of once, and grows older meanwhile. */
export function agedRows(rows: readonly FlightRow[], now: number): readonly SomeCall[] {
  return rows.map(({ call, toldAt }) => ({ ...call, age_ms: call.age_ms + Math.max(0, now - (toldAt ?? now)) }));
}

/**
 * What runs now, with what has ended since in the places where it was: nothing moves under a pointer.
 * @param before what is shown @param ended as far as it is known how
 */
export function inPlace(
  before: readonly FlightRow[],
  running: readonly LiveCall[],
  ended: readonly EndedBody[],
): readonly FlightRow[] {
  const names = new Set(running.map(({ call }) => nameOf(call)));
  const ends = new Map(ended.map((call) => [nameOf(call), call]));
  const over = before
    .filter(({ call }) => !names.has(nameOf(call)))
    .map(({ call }) => ({ call: ends.get(nameOf(call)) ?? call, toldAt: null }));
  return [...over, ...running].sort((one, other) => one.call.created_at.localeCompare(other.call.created_at));
}

/** Tokens a second over all calls, from what has come since the last look. */
export function createSpeed(): (calls: readonly CallSummary[], now: number) => number {
  let before = new Map<string, number>();
  let at = 0;
  return (calls, now) => {
    const grown = calls.map(({ id, completion_tokens: tokens }) => tokens - (before.get(id) ?? tokens));
    const sum = grown.reduce((total, tokens) => total + Math.max(0, tokens), 0);
    const perSecond = at === 0 ? 0 : (sum / (now - at)) * 1000;
    before = new Map(calls.map(({ id, completion_tokens: tokens }) => [id, tokens]));
    at = now;
    return perSecond;
  };
}
