import { describe, expect, it } from 'vitest';
import { askFor, clampOf, flatAsk, quoteOf, type RequestSize, sizeOf, toppedUp, topUp } from '../../src/limits/ask.ts';
import { settlementOf } from '../../src/limits/settlement.ts';
import { toUsage } from '../../src/protocol/delta.ts';
import { estimateUsage } from '../../src/protocol/estimate.ts';
import { requestOf } from '../support/asked.ts';

const AT = Date.UTC(2026, 10, 28);
const TERMS = { at: AT, p95Tokens: null, allowsUnpriced: false };
const SIZE: RequestSize = { promptTokens: 1000, hasAudio: false, maxOutputTokens: 100, choices: 1 };
const PRICE = { input: 2, output: 10 };

function target(price: object | null, maxOutputTokens: number | null = null) {
  return { prices: price === null ? [] : [{ ...PRICE, ...price }], facts: { maxOutputTokens } };
}

describe('the size of a request', () => {
  it('is the estimate and what that may be too low by', () => {
    const request = requestOf({
      model: 'm',
      messages: [{ role: 'user', content: 'word '.repeat(400) }],
      max_tokens: 50,
      n: 2,
    });
    const { prompt_tokens: estimate } = estimateUsage(request, 0);
    expect(sizeOf(request)).toEqual({
      ...{ promptTokens: Math.ceil(1.15 * estimate), maxOutputTokens: 50 },
      ...{ hasAudio: false, choices: 2 },
    });
  });

  it('counts pictures, sound and files beside their words', () => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
    ];
    const request = requestOf({ model: 'm', messages: [{ role: 'user', content }] });
    const { prompt_tokens: estimate } = estimateUsage(request, 0);
    expect(sizeOf(request)).toMatchObject({ promptTokens: Math.ceil(1.15 * estimate) + 3000, hasAudio: true });
  });
});

describe('a quote', () => {
  it('is the prompt and the answer by the prices of the day, in nano-USD', () => {
    const prices = [
      { ...PRICE, until: '2026-11-28' },
      { input: 3, output: 20, from: '2026-11-28' },
    ];
    const quote = quoteOf(SIZE, { ...target({}), prices }, TERMS);
    expect(askFor(quote, false)).toEqual({ nano: 5_000_000, leastNano: 5_000_000, tokens: 1100, isPart: false });
  });

  it('has the rates of the tier that the prompt reaches', () => {
    const tiers = [
      { above_input_tokens: 999, input: 4, output: 20 },
      { above_input_tokens: 1000, input: 9, output: 90 },
    ];
    expect(askFor(quoteOf(SIZE, target({ tiers }), TERMS), false).nano).toBe(6_000_000);
  });

  it('takes nothing to come out of a cache and all of it to go into one, sound and thoughts by their own prices', () => {
    const rates = { cached_input: 0.2, cache_write: 2.5, audio_input: 5, reasoning: 12 };
    const nano = (size: object) => askFor(quoteOf({ ...SIZE, ...size }, target(rates), TERMS), false).nano;
    expect([nano({}), nano({ hasAudio: true })]).toEqual([3_700_000, 6_200_000]);
    const cheaper = { cache_write: 1, audio_input: 1, reasoning: null };
    expect(askFor(quoteOf({ ...SIZE, hasAudio: true }, target(cheaper), TERMS), false).nano).toBe(3_000_000);
  });

  it.each([
    ['what the client asks for', { maxOutputTokens: 700 }, 4000, null, 700],
    ['what the model can say', { maxOutputTokens: 9000 }, 4000, null, 4000],
    ['of each choice', { maxOutputTokens: 700, choices: 3 }, 4000, null, 2100],
    ['a thousand where nothing is known', { maxOutputTokens: null }, null, null, 1024],
    ['four long answers of the model', { maxOutputTokens: null }, null, 600.5, 2402],
    ['of each choice without a limit', { maxOutputTokens: null, choices: 2 }, 64_000, 600, 4800],
    ['never more than a lot', { maxOutputTokens: null }, 64_000, 9000, 16_384],
    ['never more than the model can say', { maxOutputTokens: null }, 800, 9000, 800],
    ['never more than there is', { maxOutputTokens: Number.MAX_SAFE_INTEGER, choices: 128 }, null, null, 1e9],
  ])('takes an answer for %s', (_name, size, most, p95Tokens, expected) => {
    const quote = quoteOf({ ...SIZE, ...size }, target({}, most), { ...TERMS, p95Tokens });
    expect(quote.outputTokens).toBe(expected);
  });

  it('is never so much that the sum of what is held forgets what else is', () => {
    const size = { ...SIZE, maxOutputTokens: Number.MAX_SAFE_INTEGER, choices: 128 };
    const { nano } = askFor(quoteOf(size, target({ output: 600 }), TERMS), false);
    expect(7 + (nano ?? 0) - (nano ?? 0)).toBe(7);
  });

  it('is none where the price is not known, unless that counts as nothing', () => {
    const quote = quoteOf(SIZE, target(null), TERMS);
    expect(askFor(quote, true)).toEqual({ nano: null, leastNano: null, tokens: 1100, isPart: false });
    expect(topUp(quote, { nano: 0, tokens: 1100 })).toEqual({ nano: null, leastNano: null, tokens: 2124 });
    const free = quoteOf(SIZE, target(null), { ...TERMS, allowsUnpriced: true });
    expect(askFor(free, true)).toEqual({ nano: 0, leastNano: 0, tokens: 1100, isPart: false });
    expect(clampOf(free, 0)).toBeNull();
  });
});

describe('what is set aside', () => {
  const quote = quoteOf({ ...SIZE, maxOutputTokens: null, choices: 2 }, target({}), TERMS);

  it('is beside what the call has spent', () => {
    const spent = { nano: 7, tokens: 9 };
    const ask = askFor(quote, false);
    expect(askFor(quote, false, spent)).toEqual({
      ...{ nano: (ask.nano ?? 0) + 7, leastNano: (ask.leastNano ?? 0) + 7 },
      ...{ tokens: ask.tokens + 9, isPart: false },
    });
  });

  it('is less for a whole answer that can be made shorter: what is left tells how long it may be', () => {
    const { nano, leastNano } = askFor(quote, true);
    expect([nano, leastNano]).toEqual([2_000_000 + 2048 * 10_000, 2_000_000 + 32 * 10_000]);
    expect([nano, leastNano, 12_345_678].map((granted) => clampOf(quote, granted ?? 0))).toEqual([null, 16, 517]);
  });

  it('is no more for a model that cannot say as much as an answer of use has', () => {
    const { nano, leastNano } = askFor(quoteOf({ ...SIZE, maxOutputTokens: null }, target({}, 8), TERMS), true);
    expect([nano, leastNano]).toEqual([2_080_000, 2_080_000]);
  });

  it('grows with a stream by a thousand tokens, or by what is left', () => {
    const before = { nano: 5, tokens: 6 };
    const ask = topUp(quote, before);
    expect(ask).toEqual({ nano: 5 + 1024 * 10_000, leastNano: 5 + 16 * 10_000, tokens: 6 + 1024 });
    const granted = [ask.nano, ask.leastNano, 5 + 123_456].map((nano) => toppedUp(quote, before, nano ?? 0));
    expect(granted).toEqual([1024, 16, 12]);
    const free = quoteOf(SIZE, target({ input: 0, output: 0 }), TERMS);
    expect(toppedUp(free, before, topUp(free, before).nano ?? 0)).toBe(1024);
  });

  it('is a sum of its own where that is known', () => {
    expect(flatAsk(0.04)).toEqual({ nano: 40_000_000, leastNano: 40_000_000, tokens: 0 });
  });
});

describe('what a call came to', () => {
  it('is what all attempts cost, each rounded by itself; an unknown price is nothing', () => {
    const usage = toUsage({ prompt: 10, completion: 5, cached: 4 });
    const attempts = [
      { usage, usd: 4e-10 },
      { usage, usd: 1.4e-9 },
      { usage: null, usd: null },
    ];
    expect(settlementOf(attempts, ({ usd }) => usd)).toEqual({ nano: 1, tokens: 30, cachedTokens: 8 });
    expect(settlementOf([], () => null)).toEqual({ nano: 0, tokens: 0, cachedTokens: 0 });
  });
});
