import { describe, expect, it } from 'vitest';
import { createPlan } from '../../src/routing/plan.ts';
import { createRegistry } from '../../src/routing/registry.ts';
import { requestOf } from '../support/asked.ts';
import { load } from '../support/config-files.ts';
import { ANYBODY, planContext } from '../support/planning.ts';
import { buildProviders } from '../support/provider.ts';

const CONFIG = `
providers:
  p: { kind: openai-compatible, base_url: http://127.0.0.1:9 }
  off: { kind: openai, api_key: "\${NO_KEY}" }
models:
  a: { provider: p, aliases: [first], fallbacks: [b, dark, c, d] }
  b: { provider: p, fallbacks: [a] }
  c: { provider: p }
  d: { provider: p }
  dark: { provider: off }
  lone: { provider: p, fallbacks: [b, c, d], fallback: { max_models: 1 } }
  group: { targets: [c, d], fallbacks: [d, a] }
  longer: { provider: p, upstream: same, fallbacks: [dear, c] }
  dear: { provider: p, upstream: same }
`;
const config = load(CONFIG);
const registry = createRegistry(config, buildProviders(config));

function planOf(model: string, fallbacks?: readonly string[]): string[] {
  const chat = { model, messages: [{ role: 'user' as const, content: 'Hi' }] };
  const asked = fallbacks ? { ...chat, fallbacks: [...fallbacks] } : chat;
  const plan = createPlan(registry, requestOf(asked), ANYBODY, planContext());
  return plan.targets.map(({ facts }) => facts.model);
}

describe('two models of one target', () => {
  it('are the one that was asked for, by whose name and prices it is booked', () => {
    expect(planOf('longer')).toEqual(['longer', 'c']);
    expect(planOf('a', ['dear', 'longer'])).toEqual(['a', 'dear']);
  });
});

describe('the default fallbacks (fallback.models)', () => {
  const plain = `
fallback: { models: [safe, q/x] }
providers:
  p: { kind: openai-compatible, base_url: http://127.0.0.1:9 }
  q: { kind: openai-compatible, base_url: http://127.0.0.1:9, fallback: { models: [none] } }
models:
  none: { provider: p }
  own: { provider: p, fallbacks: [none] }
  alone: { provider: p, fallbacks: [] }
  listed: { provider: q, fallback: { models: [own] } }
  of-q: { provider: q }
  safe: { provider: p }
  group: { targets: [none] }
`;
  const defaults = load(plain);
  const models = createRegistry(defaults, buildProviders(defaults));
  const planned = (model: string, fallbacks?: string[]): string[] => {
    const chat = { model, messages: [{ role: 'user' as const, content: 'Hi' }], ...(fallbacks ? { fallbacks } : {}) };
    return createPlan(models, requestOf(chat), ANYBODY, planContext()).targets.map(({ facts }) => facts.model);
  };

  it.each([
    ['none', ['none', 'safe', 'q/x']],
    ['own', ['own', 'none']],
    ['alone', ['alone']],
    ['listed', ['listed', 'own']],
    ['of-q', ['of-q', 'none']],
    ['safe', ['safe', 'q/x']],
    ['group', ['none', 'safe', 'q/x']],
    ['p/unlisted', ['p/unlisted', 'safe', 'q/x']],
  ])('are those of the nearest list, where %s has none', (model, expected) => {
    expect(planned(model)).toEqual(expected);
  });

  it('are replaced by those of the request', () => {
    expect(planned('none', [])).toEqual(['none']);
    expect(planned('none', ['own'])).toEqual(['none', 'own']);
  });
});

describe('the plan of a call', () => {
  it('has the model and its fallbacks, without the unavailable ones, and no more than three', () => {
    expect(planOf('first')).toEqual(['a', 'b', 'c']);
  });

  it('does not follow the fallbacks of fallbacks', () => {
    expect(planOf('b')).toEqual(['b', 'a']);
  });

  it('takes the fallbacks of the request in place of its own, by any name', () => {
    expect(planOf('a', ['d', 'p/other'])).toEqual(['a', 'd', 'p/other']);
    expect(planOf('a', [])).toEqual(['a']);
  });

  it('has each target once', () => {
    expect(planOf('a', ['first', 'p/a', 'b', 'b'])).toEqual(['a', 'b']);
    expect(planOf('group')).toEqual(['c', 'd', 'a']);
  });

  it('keeps to the fallback.max_models of the requested model', () => {
    expect(planOf('lone')).toEqual(['lone']);
  });

  it.each(['nobody', 'dark'])('refuses an unavailable fallback of the request: %s', (name) => {
    expect(() => planOf('a', [name])).toThrow(expect.objectContaining({ status: 404, param: 'fallbacks' }));
  });
});
