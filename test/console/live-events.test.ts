import { describe, expect, it } from 'vitest';
import {
  afterLoss,
  type LiveEvent,
  type LiveState,
  NOTHING_LIVE,
  nextLive,
} from '../../console/src/feed/live-events.ts';
import type { CallSummary } from '../../console/src/feed/wire.ts';
import { buildSummary } from './support/calls.ts';

const NOW = 1000;

function calls(changed: readonly CallSummary[], rest: { full?: boolean; gone?: readonly string[] } = {}): LiveEvent {
  const data = { full: false, gone: [], in_flight: changed.length, tokens_per_s: 7, ...rest, changed };
  return { event: 'calls', data };
}

function ended(call: CallSummary): LiveEvent {
  const usage = { status: 200, attempts: 2, usage_source: null, cost_usd: 0.5, cost_source: 'table' };
  return { event: 'ended', data: { call, usage } } as LiveEvent;
}

function heard(...events: readonly LiveEvent[]): LiveState {
  return events.reduce((state, event) => nextLive(state, event, NOW), NOTHING_LIVE);
}

const idsOf = (state: LiveState): string[] => [...state.calls.values()].map(({ call }) => call.id);
const [one, two] = [buildSummary({ id: 'one' }), buildSummary({ id: 'two' })];

describe('what the live feed has told', () => {
  it('is all calls in flight after a full event, and what changed and went after others', () => {
    const state = heard(calls([one, two], { full: true }), calls([{ ...one, completion_tokens: 9 }]));
    expect(idsOf(state)).toEqual(['one', 'two']);
    expect([...state.calls.values()][0]).toMatchObject({ call: { completion_tokens: 9 }, toldAt: NOW });
    expect(state).toMatchObject({ inFlight: 1, tokensPerSecond: 7 });
    expect(idsOf(nextLive(state, calls([], { gone: ['one'] }), NOW))).toEqual(['two']);
    expect(idsOf(nextLive(state, calls([two], { full: true }), NOW))).toEqual(['two']);
  });

  it('takes no call of another key for one that has gone under the same id', () => {
    const other = buildSummary({ id: 'one', key: 'b' });
    const state = heard(calls([one, other], { full: true }), calls([], { gone: ['one'] }));
    expect(idsOf(state)).toEqual(['one', 'one']);
    expect([...nextLive(state, ended(one), NOW).calls.values()].map(({ call }) => call.key)).toEqual(['b']);
  });

  it('has ended calls with what they cost, the newest first, and no more than it needs', () => {
    const state = heard(calls([one], { full: true }), ended(one), ended(two));
    expect(state.ended).toMatchObject([
      { id: 'two', attempt_count: 2, cost_usd: 0.5 },
      { id: 'one', status: 200 },
    ]);
    expect(idsOf(state)).toEqual([]);
    const many = heard(...Array.from({ length: 300 }, (_call, at) => ended(buildSummary({ id: String(at) }))));
    expect([many.ended.length, many.ended[0]?.id, many.endedCount]).toEqual([200, '299', 300]);
  });

  it('has of an ended call what was wasted', () => {
    const usage = { usage_source: 'estimate', wasted_tokens: 7, wasted_cost_usd: 0.1 };
    const state = heard({ event: 'ended', data: { call: one, usage } } as unknown as LiveEvent);
    expect(state.ended[0]).toMatchObject(usage);
  });

  it('asks for lists afresh after a reset, after skipped calls and after a loss, which leaves nothing else', () => {
    const skipped: LiveEvent = { event: 'ended', data: { skipped: 3 } };
    const state = heard(calls([one], { full: true }), ended(two), { event: 'reset' }, skipped);
    expect(state.missed).toBe(2);
    expect(afterLoss(state)).toEqual({ ...NOTHING_LIVE, endedCount: 1, missed: 3 });
  });

  it('passes over an event that it does not know', () => {
    expect(heard({ event: 'news' } as unknown as LiveEvent)).toBe(NOTHING_LIVE);
  });
});
