import { nameOf } from './calls.ts';
import type { CallSummary, EndedBody, PerformanceReport, TargetState, UsageRecordBody } from './wire.ts';

/** A call in flight, and when it was told of in milliseconds since the epoch by the browser's clock: its age goes on from there. */
export interface LiveCall {
  readonly call: CallSummary;
  readonly toldAt: number;
}

/** How the process is, for an admin. */
export interface LiveHealth {
  /** Those that are not closed. */
  readonly breakers: readonly TargetState[];
  /** Keys of providers that rest. */
  readonly keys_resting: number;
  /** The last reload of the configuration; null since the start. */
  readonly reload: { readonly at: string; readonly ok: boolean } | null;
}

/** What the live feed has told. */
export interface LiveState {
  /** By the names of {@link nameOf}. */
  readonly calls: ReadonlyMap<string, LiveCall>;
  readonly inFlight: number;
  readonly tokensPerSecond: number;
  /** The last that ended, the newest first. */
  readonly ended: readonly EndedBody[];
  readonly endedCount: number;
  /** How often something may have been missed: another number asks for lists afresh. */
  readonly missed: number;
  /** Of the last hundred calls; null until it is told. */
  readonly performance: PerformanceReport | null;
  readonly health: LiveHealth | null;
}

/** What one event of the feed says; a name that is not known here is passed over. */
export type LiveEvent =
  | { readonly event: 'calls'; readonly data: CallsData }
  | { readonly event: 'ended'; readonly data: EndedData | { readonly skipped: number } }
  | { readonly event: 'performance'; readonly data: PerformanceReport }
  | { readonly event: 'health'; readonly data: LiveHealth }
  | { readonly event: 'reset' };

interface CallsData {
  readonly full: boolean;
  readonly changed: readonly CallSummary[];
  /** Ids. */
  readonly gone: readonly string[];
  readonly in_flight: number;
  readonly tokens_per_s: number;
}

interface EndedData {
  readonly call: CallSummary;
  readonly usage: UsageRecordBody;
}

/** So many ended calls are kept; lists ask afresh before they would need more. */
export const MAX_ENDED = 200;

/** Before anything was told. */
export const NOTHING_LIVE: LiveState = {
  calls: new Map(),
  inFlight: 0,
  tokensPerSecond: 0,
  ended: [],
  endedCount: 0,
  missed: 0,
  performance: null,
  health: null,
};

/** What is known after an event. @param now milliseconds since the epoch */
export function nextLive(state: LiveState, told: LiveEvent, now: number): LiveState {
  switch (told.event) {
    case 'calls':
      return withCalls(state, told.data, now);
    case 'ended':
      return 'skipped' in told.data ? withMissed(state) : withEnded(state, told.data);
    case 'performance':
      return { ...state, performance: told.data };
    case 'health':
      return { ...state, health: told.data };
    case 'reset':
      return withMissed(state);
    default:
      return state;
  }
}

/** What stays of it when the feed is lost: nothing that may be wrong by the time it is back. */
export function afterLoss({ endedCount, missed }: LiveState): LiveState {
  return { ...NOTHING_LIVE, endedCount, missed: missed + 1 };
}

function withCalls(
  state: LiveState,
  { full, changed, gone, in_flight, tokens_per_s }: CallsData,
  now: number,
): LiveState {
  const calls = new Map(full ? [] : state.calls);
  for (const id of gone) {
    const names = [...calls].filter(([, { call }]) => call.id === id).map(([name]) => name);
    // Of several keys with one id it is not said whose has gone: its end is told, or the next full event tells.
    if (names.length === 1) calls.delete(names[0] as string);
  }
  for (const call of changed) calls.set(nameOf(call), { call, toldAt: now });
  return { ...state, calls, inFlight: in_flight, tokensPerSecond: tokens_per_s };
}

function withEnded(state: LiveState, { call, usage }: EndedData): LiveState {
  const calls = new Map(state.calls);
  calls.delete(nameOf(call));
  const { status, attempts, usage_source, cost_usd, cost_source, wasted_tokens, wasted_cost_usd } = usage;
  const spent = { usage_source, cost_usd, cost_source, wasted_tokens, wasted_cost_usd };
  const bill = { status, attempt_count: attempts, ...spent, dropped_params: usage.dropped_params ?? [] };
  const body: EndedBody = { ...call, ...bill };
  return { ...state, calls, ended: [body, ...state.ended].slice(0, MAX_ENDED), endedCount: state.endedCount + 1 };
}

function withMissed(state: LiveState): LiveState {
  return { ...state, missed: state.missed + 1 };
}
