import { describe, expect, it } from 'vitest';
import { piecesOfPeriod, titleOf } from '../../console/src/pages/usage/period.ts';
import {
  aheadOf,
  callsPath,
  periodOf,
  type Question,
  readQuestion,
  sumsQuery,
  zoneOf,
} from '../../console/src/pages/usage/question.ts';

const ADMIN = { ownZone: '+01:00', isAdmin: true, seesCalls: true };
const NOW = Date.parse('2026-11-24T22:40:00Z');

function ask(address: string, asker = ADMIN): Question {
  return readQuestion(new URLSearchParams(address), asker);
}

function timeOf(address: string): readonly string[] {
  const { from, to } = periodOf(ask(address), NOW);
  return [from, to].map((second) => new Date(second * 1000).toISOString().slice(0, 16));
}

describe('the address of the usage page', () => {
  it('says nothing of what is as it is without it', () => {
    expect(ask('')).toEqual({ range: '7d', days: null, zone: '+01:00', key: null, split: 'model' });
  });

  it('says what is asked for', () => {
    expect(ask('range=own&from=2026-11-20&to=2026-11-22&tz=-03:30&key=team&by=outcome')).toEqual({
      range: 'own',
      days: ['2026-11-20', '2026-11-22'],
      zone: '-03:30',
      key: 'team',
      split: 'outcome',
    });
  });

  it('is passed over where it says what cannot be', () => {
    expect(ask('range=toString&tz=Mars&by=colour')).toEqual(ask(''));
    expect([ask('tz=%2B14:01'), ask('tz=-01:60')]).toEqual([ask(''), ask('')]);
    expect(ask('range=own')).toEqual(ask(''));
    expect(ask('range=own&from=soon&to=later')).toEqual(ask(''));
    // The gateway takes no seconds from so long before or after.
    expect(ask('range=own&from=0001-01-01&to=9999-12-31')).toEqual(ask(''));
  });

  it('asks for nothing of other keys where the reader may not', () => {
    const own = { ...ADMIN, isAdmin: false };
    expect(ask('key=other&by=key', own)).toEqual(ask('', own));
  });

  it('takes dates in their order, one alone as a day, and of too many the last', () => {
    expect(ask('range=own&from=2026-11-22&to=2026-11-20').days).toEqual(['2026-11-20', '2026-11-22']);
    expect(ask('range=own&to=2026-11-20').days).toEqual(['2026-11-20', '2026-11-20']);
    expect(ask('range=own&from=1999-01-01&to=2026-11-20').days).toEqual(['2025-11-20', '2026-11-20']);
  });
});

describe('the time that is meant', () => {
  it.each([
    ['range=7d', '2026-11-17T23:00', '2026-11-24T23:00'],
    ['range=7d&tz=%2B02:00', '2026-11-18T22:00', '2026-11-25T22:00'],
    ['range=today', '2026-11-23T23:00', '2026-11-24T23:00'],
    ['range=24h', '2026-11-23T23:00', '2026-11-24T23:00'],
    ['range=24h&tz=%2B05:45', '2026-11-23T23:15', '2026-11-24T23:15'],
    ['range=own&from=2026-11-01&to=2026-11-02', '2026-10-31T23:00', '2026-11-02T23:00'],
  ])('by %s is from %s to %s', (address, from, to) => {
    expect(timeOf(address)).toEqual([from, to]);
  });

  it('is cut into the hours and days of the zone, as the gateway names them', () => {
    const days = periodOf(ask('range=7d'), NOW);
    expect([days.unit, days.buckets.length, days.buckets[0]?.name, days.buckets.at(-1)?.name]).toEqual([
      ...['day', 7, '2026-11-18', '2026-11-24'],
    ]);
    const hours = periodOf(ask('range=24h&tz=%2B05:45'), NOW);
    expect([hours.unit, hours.buckets.length, hours.buckets.at(-1)?.name]).toEqual(['hour', 24, '2026-11-25T04:00']);
    expect(periodOf(ask('range=own&from=2026-11-20'), NOW).buckets).toHaveLength(24);
    expect(days.buckets.at(-1)?.to).toBe(days.to);
  });

  it('is asked for in pieces whose answers are whole, unless these are too many', () => {
    const period = periodOf(ask('range=90d'), NOW);
    expect(piecesOfPeriod(period, 3)).toEqual([period.buckets]);
    const pieces = piecesOfPeriod(period, 40) ?? [];
    expect(pieces.map(({ length }) => length)).toEqual([25, 25, 25, 15]);
    expect(pieces.flat()).toEqual(period.buckets);
    expect([piecesOfPeriod(period, 500), piecesOfPeriod(period, 2000)]).toEqual([null, null]);
    expect(piecesOfPeriod(period, 0)).toEqual([period.buckets]);
  });

  it('has titles by the clock of its name', () => {
    expect(titleOf('2026-11-24').title).toMatch(/24/);
    expect(titleOf('2026-11-24T00:00')).toMatchObject({ short: '00:00', title: expect.stringMatching(/24.*00:00/) });
  });
});

describe('what is asked of the gateway', () => {
  it('has the time in seconds, the zone, the key and the groups', () => {
    const query = sumsQuery(ask('key=team'), { from: 1, to: 2 }, ['day', 'model']);
    expect(Object.fromEntries(query)).toEqual({ from: '1', to: '2', tz: '+01:00', key: 'team', group_by: 'day,model' });
  });

  it('leads to the calls behind a number', () => {
    expect(callsPath(ask(''), { from: 1, to: 2 }, { model: 'a b' }, ADMIN)).toBe('/calls?from=1&to=2&model=a+b');
    expect(callsPath(ask('key=team'), { from: 1, to: 2 }, { key: 'other' }, ADMIN)).toBe(
      '/calls?from=1&to=2&key=other',
    );
    expect(callsPath(ask(''), { from: 1, to: 2 }, {}, { ...ADMIN, isAdmin: false, seesCalls: false })).toBeNull();
  });
});

describe('an offset from UTC', () => {
  it.each([
    [0, '+00:00'],
    [60, '+01:00'],
    [-210, '-03:30'],
    [765, '+12:45'],
  ])('of %d minutes is %s', (minutes, zone) => {
    expect(zoneOf(minutes)).toBe(zone);
    expect(aheadOf(zone)).toBe(minutes * 60);
  });
});
