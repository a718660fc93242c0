import { describe, expect, it } from 'vitest';
import type { UsageSumsBody } from '../../console/src/feed/wire.ts';
import { bucketsIn } from '../../console/src/pages/usage/period.ts';
import {
  costSeries,
  dearestFirst,
  perThousand,
  shareOf,
  subjectOf,
  tokenParts,
  tokenSeries,
  wholeCost,
} from '../../console/src/pages/usage/sums.ts';

const { buckets } = bucketsIn(Date.parse('2026-11-23') / 1000, Date.parse('2026-11-26') / 1000, 'day', 0);

function sums(parts: Partial<UsageSumsBody>): UsageSumsBody {
  return {
    calls: 1,
    failed: 0,
    cancelled: 0,
    attempts: 1,
    prompt_tokens: 100,
    cached_tokens: 40,
    completion_tokens: 20,
    reasoning_tokens: 5,
    estimated_tokens: 0,
    cost_usd: 1,
    estimated_cost_usd: 0,
    calls_with_unknown_cost: 0,
    wasted_tokens: 0,
    wasted_cost_usd: 0,
    ...parts,
  };
}

describe('what a row is of', () => {
  it('is found again by the filters of the calls', () => {
    expect(subjectOf(sums({ model: 'luna' }), 'model')).toEqual({
      id: 'luna',
      name: 'luna',
      filter: { answered_by: 'luna' },
    });
    expect(subjectOf(sums({ key: 'ops', key_hash: null }), 'key')).toMatchObject({ id: 'ops', filter: { key: 'ops' } });
  });

  it('tells two keys with one name apart', () => {
    const one = subjectOf(sums({ key: 'ci', key_hash: 'a'.repeat(64) }), 'key');
    const other = subjectOf(sums({ key: 'ci', key_hash: 'b'.repeat(64) }), 'key');
    expect([one.name, other.name]).toEqual(['ci (aaaaaa)', 'ci (bbbbbb)']);
    expect(one.filter).toEqual({ key: 'a'.repeat(64) });
  });

  it('has no calls to lead to where there is no name', () => {
    expect(subjectOf(sums({ provider: null }), 'provider')).toEqual({ id: '', name: 'none', filter: null });
  });
});

describe('sums', () => {
  it('count each token once', () => {
    expect(tokenParts(sums({}))).toEqual({ prompt: 60, cached: 40, completion: 15, reasoning: 5 });
  });

  it('say nothing of what is not known', () => {
    expect([perThousand(sums({ cost_usd: 0.5, calls: 4 })), perThousand(sums({ cost_usd: null }))]).toEqual([
      125,
      null,
    ]);
    expect([shareOf(1, 4), shareOf(null, 4), shareOf(0, 0), shareOf(1, null)]).toEqual([0.25, null, null, null]);
  });

  it('stand with the dearest first', () => {
    const rows = [
      sums({ model: 'a', cost_usd: null, calls: 9 }),
      sums({ model: 'b' }),
      sums({ model: 'c', cost_usd: 3 }),
    ];
    expect(dearestFirst(rows).map(({ model }) => model)).toEqual(['c', 'b', 'a']);
  });
});

describe('sums by time', () => {
  const rows = [
    sums({ day: '2026-11-23', model: 'a', cost_usd: 1 }),
    sums({ day: '2026-11-23', model: 'b', cost_usd: null }),
    sums({ day: '2026-11-25', model: 'a', cost_usd: 2 }),
    sums({ day: '2026-11-25', model: 'b', cost_usd: 5 }),
  ];

  it('are series of what each cost; a day without calls cost nothing, one without prices is not known', () => {
    expect(costSeries(rows, 'model', buckets)).toMatchObject([
      { name: 'b', values: [null, 0, 5] },
      { name: 'a', values: [1, 0, 2] },
    ]);
    expect(wholeCost(rows, buckets).values).toEqual([1, 0, 7]);
  });

  it('are of the five dearest, and of all others together', () => {
    const many = Array.from({ length: 9 }, (_, at) => sums({ day: '2026-11-24', model: `m${at}`, cost_usd: 9 - at }));
    const series = costSeries(many, 'model', buckets);
    expect(series.map(({ name }) => name)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', '4 others']);
    expect(series.at(-1)?.values).toEqual([0, 10, 0]);
    expect(costSeries(many.slice(0, 6), 'model', buckets).at(-1)?.name).toBe('m5');
  });

  it('leave out what cost nothing, unless that is all there is', () => {
    const free = sums({ day: '2026-11-24', model: 'free', cost_usd: 0 });
    const unknown = sums({ day: '2026-11-24', model: 'unknown', cost_usd: null });
    expect(costSeries([...rows, free, unknown], 'model', buckets).map(({ name }) => name)).toEqual(['b', 'a']);
    expect(costSeries([free], 'model', buckets)).toMatchObject([{ name: 'all', values: [0, 0, 0] }]);
  });

  it('say what of them is estimated, and of which tokens that can be', () => {
    const guessed = { day: '2026-11-25', model: 'a', cost_usd: 2, estimated_cost_usd: 0.5, estimated_tokens: 9 };
    const found = [...rows.slice(0, 2), sums(guessed)];
    expect(costSeries(found, 'model', buckets)).toMatchObject([{ name: 'a', estimated: [false, false, true] }]);
    const marks = tokenSeries(found, buckets).map(({ name, estimated }) => [name, estimated?.at(-1)]);
    expect(marks).toEqual([
      ['prompt', true],
      ['cached', undefined],
      ['completion', true],
      ['reasoning', undefined],
    ]);
  });

  it('are series of what the tokens were for', () => {
    expect(tokenSeries(rows, buckets)).toMatchObject([
      { name: 'prompt', values: [120, 0, 120] },
      { name: 'cached', values: [80, 0, 80] },
      { name: 'completion', values: [30, 0, 30] },
      { name: 'reasoning', values: [10, 0, 10] },
    ]);
  });
});
