import { describe, expect, it } from 'vitest';
import { createPlan } from '../../src/routing/plan.ts';
import { createRegistry } from '../../src/routing/registry.ts';
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
`;
const config = load(CONFIG);
const registry = createRegistry(config, buildProviders(config));

function planOf(model: string, fallbacks?: readonly string[]): string[] {
  const chat = { model, messages: [{ role: 'user' as const, content: 'Hi' }] };
  const asked = fallbacks ? { ...chat, fallbacks: [...fallbacks] } : chat;
  const plan = createPlan(registry, asked, ANYBODY, planContext());
  return plan.targets.map(({ facts }) => facts.model);
}

describe('a plan', () => {
  it('has the model and its fallbacks, without those that cannot be asked, and no more than three', () => {
    expect(planOf('first')).toEqual(['a', 'b', 'c']);
  });

  it('does not follow the fallbacks of fallbacks', () => {
    expect(planOf('b')).toEqual(['b', 'a']);
  });

  it("takes the request's fallbacks in place of its own, by any name", () => {
    expect(planOf('a', ['d', 'p/other'])).toEqual(['a', 'd', 'p/other']);
    expect(planOf('a', [])).toEqual(['a']);
  });

  it('has each target once', () => {
    expect(planOf('a', ['first', 'p/a', 'b', 'b'])).toEqual(['a', 'b']);
    expect(planOf('group')).toEqual(['c', 'd', 'a']);
  });

  it('keeps to the limit of the model that is asked for', () => {
    expect(planOf('lone')).toEqual(['lone']);
  });

  it.each(['nobody', 'dark'])('refuses a fallback that cannot be asked: %s', (name) => {
    expect(() => planOf('a', [name])).toThrow(expect.objectContaining({ status: 404, param: 'fallbacks' }));
  });
});
