import { describe, expect, it } from 'vitest';
import { parsePageQuery, parseSumsQuery, toCursor } from '../../src/http/usage-query.ts';
import { GatewayError } from '../../src/protocol/errors.ts';
import { ALL, DAY, NOON } from '../support/usage-records.ts';

function problem(parse: () => unknown): { message: string; param: string | null } {
  try {
    parse();
  } catch (error) {
    if (error instanceof GatewayError) return { message: error.message, param: error.param };
  }
  throw new Error('Nothing was refused.');
}

describe('the query of GET /v1/usage', () => {
  it('has no filter without parameters', () => {
    expect(parseSumsQuery({})).toEqual({
      filter: ALL,
      groups: [],
      zone: { text: '+00:00', aheadSeconds: 0 },
      format: 'json',
    });
    expect(parsePageQuery({ limit: '', after: '' })).toEqual({ filter: ALL, limit: 100, after: null });
  });

  it.each([
    ['2026-11-24', NOON - DAY / 2, NOON + DAY / 2],
    ['2026-11-24T12:00:00Z', NOON, NOON],
    ['2026-11-24T13:00:00+01:00', NOON, NOON],
    [String(NOON), NOON, NOON],
  ])('parses the time %s; a day is included as a whole', (text, from, to) => {
    expect(parseSumsQuery({ from: text }).filter.from).toBe(from);
    expect(parseSumsQuery({ to: text }).filter.to).toBe(to);
  });

  it.each([
    ['+01:00', '+01:00', 3600],
    [' 01:00', '+01:00', 3600],
    ['-05:30', '-05:30', -19_800],
    ['-00:00', '+00:00', 0],
    ['Z', '+00:00', 0],
    ['+14:00', '+14:00', 50_400],
  ])('cuts days by the clock of %s', (tz, text, aheadSeconds) => {
    const { zone, filter } = parseSumsQuery({ tz, from: '2026-11-24', to: '2026-11-24' });
    expect(zone).toEqual({ text, aheadSeconds });
    const begin = NOON - DAY / 2 - aheadSeconds;
    expect([filter.from, filter.to]).toEqual([begin, begin + DAY]);
    // A time says itself which clock it is of.
    expect(parseSumsQuery({ tz, from: '2026-11-24T12:00:00Z' }).filter.from).toBe(NOON);
  });

  it('groups by several (group_by), each once', () => {
    expect(parseSumsQuery({ group_by: 'model, day,model' }).groups).toEqual(['model', 'day']);
  });

  it('continues at a cursor (after)', () => {
    const place = { created: NOON, seq: 42 };
    expect(parsePageQuery({ after: toCursor(place), limit: '7' })).toMatchObject({ after: place, limit: 7 });
  });
});

describe('an invalid query of GET /v1/usage', () => {
  it.each([
    [
      'from',
      'yesterday',
      "from: expected a day (2026-11-24), a time (2026-11-24T12:00:00Z) or Unix seconds; found 'yesterday'.",
    ],
    [
      'to',
      '2026-13-01',
      "to: expected a day (2026-11-24), a time (2026-11-24T12:00:00Z) or Unix seconds; found '2026-13-01'.",
    ],
    [
      'group_by',
      'day,modle',
      "group_by: expected hour, day, month, key, key_hash, org, model, provider, outcome, or several with commas; found 'modle'; did you mean 'model'?",
    ],
    [
      'tz',
      'Europe/Berlin',
      "tz: expected an offset from UTC such as +01:00 or -05:30, at most 14 hours; found 'Europe/Berlin'.",
    ],
    ['tz', '+14:30', "tz: expected an offset from UTC such as +01:00 or -05:30, at most 14 hours; found '+14:30'."],
    ['tz', '+01:60', "tz: expected an offset from UTC such as +01:00 or -05:30, at most 14 hours; found '+01:60'."],
    ['tz', '1); DROP', "tz: expected an offset from UTC such as +01:00 or -05:30, at most 14 hours; found '1); DROP'."],
    ['format', 'xls', "format: expected json, csv; found 'xls'."],
    ['outcome', 'broken', "outcome: expected completed, failed, cancelled; found 'broken'."],
    [
      'groupby',
      'day',
      "Unknown parameter 'groupby'; did you mean 'group_by'? (known: from, to, key, org, model, provider, outcome, group_by, tz, format).",
    ],
  ])('with %s is refused with the expected value', (param, value, message) => {
    expect(problem(() => parseSumsQuery({ [param]: value }))).toEqual({ message, param });
  });

  it.each([
    ['limit', '0', "limit: expected a number from 1 to 1000; found '0'."],
    ['limit', '1001', "limit: expected a number from 1 to 1000; found '1001'."],
    ['after', 'call-1', "after: expected the next_cursor of the page before; found 'call-1'."],
  ])('with %s of a page is refused too', (param, value, message) => {
    expect(problem(() => parsePageQuery({ [param]: value }))).toEqual({ message, param });
  });

  it('is a duplicate parameter, and a time that ends before it begins', () => {
    expect(problem(() => parseSumsQuery({ model: ['a', 'b'] })).message).toBe(
      "model: expected one value; found 'several'.",
    );
    const turned = problem(() => parseSumsQuery({ from: '2026-11-25', to: '2026-11-23' }));
    expect(turned.message).toBe("to: expected a time after 'from' (2026-11-25); found '2026-11-23'.");
  });
});
