import { describe, expect, it } from 'vitest';
import { type LiveCall, NOTHING_LIVE } from '../../console/src/feed/live-events.ts';
import { agedRows, askedFor, createSpeed, inPlace, toldBy } from '../../console/src/pages/calls/flight.ts';
import { buildEnded, buildSummary } from './support/calls.ts';

describe('the calls in flight', () => {
  it('grow older between two events', () => {
    const page = { data: [buildSummary({ age_ms: 300 })], has_more: false, next_cursor: null };
    const { calls } = askedFor(page, 0, 5000);
    expect(agedRows(calls, 6500).map(({ age_ms: age }) => age)).toEqual([1800]);
    // A clock that was set back makes no call younger.
    expect(agedRows(calls, 4000).map(({ age_ms: age }) => age)).toEqual([300]);
  });

  it('are the oldest first, and at most 200 rows of all', () => {
    const made = Array.from({ length: 250 }, (_call, at) => {
      const call = buildSummary({ id: String(at), created_at: new Date(250_000 - at).toISOString() });
      return [call.id, { call, toldAt: 0 }] as const;
    });
    const flight = toldBy({ ...NOTHING_LIVE, calls: new Map(made), inFlight: 250 });
    expect([flight.calls.length, flight.calls[0]?.call.id, flight.total]).toEqual([200, '249', 250]);
  });

  it('keep their places when others end, with what is known of their end, and grow no older', () => {
    const made = ['a', 'b', 'c'].map((id, at) => {
      const call = buildSummary({ id, state: 'streaming', created_at: new Date(at).toISOString() });
      return { call, toldAt: 0 };
    });
    const [a, b, c] = made as [LiveCall, LiveCall, LiveCall];
    const held = inPlace([a, b], [b, c], [buildEnded({ id: 'a', created_at: a.call.created_at, state: 'cancelled' })]);
    expect(held.map(({ call }) => [call.id, call.state])).toEqual([
      ['a', 'cancelled'],
      ['b', 'streaming'],
      ['c', 'streaming'],
    ]);
    expect(agedRows(held, 1000).map(({ age_ms: age }) => age)).toEqual([300, 1300, 1300]);
    expect(inPlace(held, [c], []).map(({ call, toldAt }) => [call.id, toldAt])).toEqual([
      ['a', null],
      ['b', null],
      ['c', 0],
    ]);
  });

  it('have a speed from what has come since the last look', () => {
    const speed = createSpeed();
    expect(speed([buildSummary({ completion_tokens: 10 })], 1000)).toBe(0);
    expect(speed([buildSummary({ completion_tokens: 40 })], 3000)).toBe(15);
  });
});
