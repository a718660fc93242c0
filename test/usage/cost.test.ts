import { describe, expect, it } from 'vitest';
import { toUsage, type Usage } from '../../src/protocol/delta.ts';
import { costOf, type PriceList } from '../../src/usage/cost.ts';

const AT = Date.parse('2026-11-24T12:00:00Z');
const MILLION = 1_000_000;

function priced(price: Partial<PriceList['prices'][number]> = {}, fees: PriceList['fees'] = {}): PriceList {
  return { prices: [{ input: 2, output: 10, ...price }], fees };
}

/** In USD, of an answer that was counted by the provider. */
function usd(usage: Usage, list: PriceList, at = AT): number | null {
  return costOf({ usage, isEstimated: false, at }, list).usd;
}

describe('the cost of an answer', () => {
  it('is that of its input and its output tokens', () => {
    const usage = toUsage({ prompt: 1000, completion: 500 });
    expect(costOf({ usage, isEstimated: false, at: AT }, priced())).toEqual({ usd: 0.007, source: 'table' });
  });

  it('is the cost of the provider where it reports one', () => {
    const usage = { ...toUsage({ prompt: 1000, completion: 500 }), cost: 0.123 };
    expect(costOf({ usage, isEstimated: false, at: AT }, priced())).toEqual({ usd: 0.123, source: 'provider' });
  });

  it('is marked as estimated where no provider reported usage', () => {
    const usage = toUsage({ prompt: 1000, completion: 500 });
    expect(costOf({ usage, isEstimated: true, at: AT }, priced())).toEqual({ usd: 0.007, source: 'estimate' });
  });

  it('is unknown without a price, and not 0', () => {
    const usage = toUsage({ prompt: 1000, completion: 500 });
    expect(costOf({ usage, isEstimated: false, at: AT }, { prices: [], fees: {} })).toEqual({
      usd: null,
      source: null,
    });
    expect(usd(usage, priced({ from: '2026-11-25' }))).toBeNull();
  });

  it('is 0 where the price is 0', () => {
    const usage = toUsage({ prompt: 1000, completion: 500 });
    const free = priced({ input: 0, output: 0 });
    expect(costOf({ usage, isEstimated: false, at: AT }, free)).toEqual({ usd: 0, source: 'table' });
  });

  it('takes 0 from a provider for its cost only where there is no price', () => {
    const usage = { ...toUsage({ prompt: 1000, completion: 500 }), cost: 0 };
    expect(costOf({ usage, isEstimated: false, at: AT }, priced())).toEqual({ usd: 0.007, source: 'table' });
    const unlisted = { prices: [], fees: {} };
    expect(costOf({ usage, isEstimated: false, at: AT }, unlisted)).toEqual({ usd: 0, source: 'provider' });
  });
});

describe('a price of the cost', () => {
  const dated: PriceList = {
    prices: [
      { input: 1, output: 1, until: '2027-01-01' },
      { input: 3, output: 3, from: '2027-01-01' },
    ],
    fees: {},
  };

  it.each([
    ['2026-12-31T23:59:59Z', 1],
    ['2027-01-01T00:00:00Z', 3],
  ])('is valid on its days: %s', (time, expected) => {
    expect(usd(toUsage({ prompt: MILLION, completion: 0 }), dated, Date.parse(time))).toBe(expected);
  });

  const tiers = [
    { above_input_tokens: 500_000, input: 8, output: 80 },
    { above_input_tokens: 200_000, input: 4, output: 20 },
  ];
  it.each([
    [200_000, 0.4 + 1],
    [200_001, 0.800004 + 2],
    [500_001, 4.000008 + 8],
  ])('of a tier holds for the whole request: %i tokens of input', (prompt, expected) => {
    expect(usd(toUsage({ prompt, completion: 100_000 }), priced({ tiers }))).toBeCloseTo(expected, 9);
  });

  it('of cached input, cache writes and audio holds for that part of the input', () => {
    const usage = toUsage({
      prompt: MILLION,
      completion: 0,
      cached: 400_000,
      promptDetails: { cache_write_tokens: 100_000, audio_tokens: 200_000 },
    });
    const parts = { cached_input: 0.5, cache_write: 2.5, audio_input: 6 };
    expect(usd(usage, priced(parts))).toBeCloseTo(0.4 * 0.5 + 0.1 * 2.5 + 0.2 * 6 + 0.3 * 2, 9);
    expect(usd(usage, priced())).toBeCloseTo(2, 9);
  });

  it('never counts more parts than there is input', () => {
    const usage = toUsage({ prompt: 100, completion: 0, cached: 300, promptDetails: { audio_tokens: 50 } });
    expect(usd(usage, priced({ cached_input: 1 }))).toBeCloseTo(100 / MILLION, 12);
  });

  it('of output holds for reasoning, unless that has one of its own', () => {
    const usage = toUsage({ prompt: 0, completion: MILLION, reasoning: 600_000 });
    expect(usd(usage, priced())).toBeCloseTo(10, 9);
    expect(usd(usage, priced({ reasoning: 3 }))).toBeCloseTo(4 + 1.8, 9);
  });

  it('counts reasoning that is reported beside the completion', () => {
    expect(usd(toUsage({ prompt: 0, completion: 10, reasoning: 100 }), priced())).toBeCloseTo(100 / 100_000, 9);
  });
});

describe('a fee of the cost', () => {
  const used = (uses: Record<string, number>): Usage => ({
    ...toUsage({ prompt: 0, completion: 0 }),
    server_tool_use_details: uses,
  });

  it.each([
    ['web_search_per_1k_calls', { web_search_requests: 3 }, 0.03],
    ['web_search_per_1k_queries', { web_search_requests: 3 }, 0.03],
    ['web_search_per_1k_prompts', { web_search_requests: 3 }, 0.01],
    ['file_search_per_1k_calls', { file_search_requests: 2 }, 0.02],
    ['web_search_per_1k_calls', {}, 0],
  ])('%s is added for %j', (name, uses, expected) => {
    expect(usd(used(uses), priced({}, { [name]: 10 }))).toBeCloseTo(expected, 9);
  });
});
