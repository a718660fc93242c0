import { describe, expect, it } from 'vitest';
import { sumsCsv } from '../../src/http/usage-csv.ts';
import { parseSumsQuery } from '../../src/http/usage-query.ts';
import type { UsageSums } from '../../src/usage/store.ts';

const SUMS: UsageSums = {
  group: {},
  calls: 3,
  failed: 1,
  cancelled: 0,
  attempts: 4,
  prompt_tokens: 300,
  cached_tokens: 120,
  completion_tokens: 60,
  reasoning_tokens: 15,
  estimated_tokens: 8,
  cost_usd: 0.1 + 0.2,
  estimated_cost_usd: 0,
  calls_with_unknown_cost: 0,
  wasted_tokens: 0,
  wasted_cost_usd: null,
};
const HEAD =
  'calls,failed,cancelled,attempts,prompt_tokens,cached_tokens,completion_tokens,reasoning_tokens,estimated_tokens,cost_usd,estimated_cost_usd,calls_with_unknown_cost,wasted_tokens,wasted_cost_usd,tz';

/** The first cell of the row of a model with this name, as it is written. */
function cellOf(model: string): string {
  const csv = sumsCsv(parseSumsQuery({ group_by: 'model' }), [{ ...SUMS, group: { model } }]);
  return csv.slice(`model,${HEAD}\r\n`.length).replace(/,3,1,0,4,300,.*\r\n$/, '');
}

describe('the CSV of GET /v1/usage', () => {
  it('has a head and a row for each group, each ended by CR and LF', () => {
    const asked = parseSumsQuery({ group_by: 'hour,provider', tz: '+01:00' });
    const rows = [
      { ...SUMS, group: { hour: '2026-11-24T13:00', provider: 'openai' } },
      { ...SUMS, group: { hour: '2026-11-24T14:00', provider: null }, cost_usd: null, estimated_cost_usd: null },
    ];
    expect(sumsCsv(asked, rows).split('\r\n')).toEqual([
      `hour,provider,${HEAD}`,
      '"2026-11-24T13:00","openai",3,1,0,4,300,120,60,15,8,0.3,0,0,0,,"UTC+01:00"',
      '"2026-11-24T14:00",,3,1,0,4,300,120,60,15,8,,,0,0,,"UTC+01:00"',
      '',
    ]);
  });

  it('is one row with the total without groups, and a head alone without calls of a group', () => {
    expect(sumsCsv(parseSumsQuery({}), [SUMS]).split('\r\n')).toHaveLength(3);
    expect(sumsCsv(parseSumsQuery({ group_by: 'day' }), [])).toBe(`day,${HEAD}\r\n`);
  });

  it.each([
    ['a comma', 'a,b', '"a,b"'],
    ['quotes', 'a"b', '"a""b"'],
    ['a line break', 'a\nb', '"a\nb"'],
    ['a hyphen inside', 'gpt-6.1-sol', '"gpt-6.1-sol"'],
  ])('keeps a name with %s', (_what, model, cell) => {
    expect(cellOf(model)).toBe(cell);
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    ' =1',
    '\u00a0=1',
    '\ufeff=1',
    '\u200b=1',
    '"=1',
    '＝1',
    '＠x',
    '\tx',
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
  ])('takes the sting out of a formula: %j', (model) => {
    expect(cellOf(model)).toBe(`"'${model.replaceAll('"', '""')}"`);
  });

  it.each(['a;=1', 'a,=1', 'a\t@x', 'a\n=1', 'a|-1', 'a; =1'])(
    'also behind a separator of another country: %j',
    (model) => {
      expect(cellOf(model)).toBe(`"${model.replace(/([;,\t\n|])/, "$1'")}"`);
    },
  );
});
