import { describe, expect, it } from 'vitest';
import type { ModelDetails } from '../../console/src/feed/wire.ts';
import {
  askableFirst,
  conditionWords,
  isMeant,
  memberWords,
  nextPrice,
  priceNow,
  shortReason,
  shutdownOf,
} from '../../console/src/parts/model-facts.ts';

const NOW = Date.parse('2026-11-24T13:00:00Z');
const PRICES = [
  { input: 2, output: 8, until: '2026-11-24' },
  { input: 1, output: 4, from: '2026-11-24', until: '2027-01-01' },
  { input: 3, output: 9, from: '2027-06-01' },
  { input: 2, output: 5, from: '2027-01-01', until: '2027-06-01' },
];

describe('the price of a model', () => {
  it('is that of the day, whose last one is not included', () => {
    expect(priceNow(PRICES, NOW)?.input).toBe(1);
    expect(priceNow(PRICES, NOW - 86_400_000)?.input).toBe(2);
  });

  it('is announced by the next one that begins', () => {
    expect(nextPrice(PRICES, NOW)?.from).toBe('2027-01-01');
    expect(nextPrice(PRICES.slice(0, 2), NOW)).toBeNull();
  });

  it('is unknown where no day of it fits, which is not nothing', () => {
    expect(priceNow([{ input: 1, output: 1, from: '2027-01-01' }], NOW)).toBeNull();
    expect(priceNow([], NOW)).toBeNull();
  });
});

describe('the end of a model', () => {
  it.each([
    ['2026-11-25', 'ends in 1 day', 'soon'],
    ['2026-12-07', 'ends in 13 days', 'soon'],
    ['2026-12-08', 'ends in 14 days', 'near'],
    ['2027-01-23', 'ends in 60 days', 'far'],
    ['2026-11-24', 'shut down on 2026-11-24', 'soon'],
  ])('on %s is told as %s', (day, words, tone) => {
    expect(shutdownOf(day, NOW)).toEqual({ words, tone });
  });
});

const MODEL: ModelDetails = {
  id: 'luna',
  object: 'model',
  created: 0,
  owned_by: 'openai',
  provider: 'openai',
  context_window: null,
  max_output_tokens: null,
  capabilities: ['tools'],
  pricing: null,
  status: 'active',
  shutdown_date: null,
  kind: 'chat',
  available: true,
  reason: null,
  aliases: ['moon'],
  fallbacks: [],
  released: null,
  replacement: null,
  as_of: null,
  strategy: null,
  members: null,
  rules: null,
  otherwise: null,
};

describe('the list of models', () => {
  it('begins with what can be asked, else as the configuration has them', () => {
    const off = { ...MODEL, id: 'off', available: false };
    const last = { ...MODEL, id: 'last' };
    expect(askableFirst([off, MODEL, last]).map(({ id }) => id)).toEqual(['luna', 'last', 'off']);
  });

  it('is searched by each word, in names, aliases, members and abilities', () => {
    const group = { ...MODEL, id: 'pair', provider: null, members: [{ model: 'sol' }] };
    expect(['moon', 'openai TOOLS', 'chat', ''].map((words) => isMeant(MODEL, words))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([isMeant(MODEL, 'moon vision'), isMeant(group, 'group sol')]).toEqual([false, true]);
  });

  it('says in words whom a group asks, and when a rule holds', () => {
    expect(memberWords([{ model: 'a', weight: 3 }, { model: 'b' }])).toBe('a × 3, b');
    expect(conditionWords({ tools: true, images: false, min_tokens: 500, key: ['x', 'y'], header: ['x-team'] })).toBe(
      'tools, no images, min tokens 500, key x or y, header x-team',
    );
    expect(conditionWords({})).toBe('every request');
  });

  it('says why a model cannot be asked without saying its name again', () => {
    expect(shortReason("The model 'luna' cannot be served: provider 'openai' has no key.", 'luna')).toBe(
      "provider 'openai' has no key.",
    );
    expect(shortReason("The model 'luna' was shut down.", 'luna')).toBe('was shut down.');
  });
});
