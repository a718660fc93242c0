import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import { createPlan, type Plan, type PlanContext } from '../../src/routing/plan.ts';
import { createRegistry } from '../../src/routing/registry.ts';
import { requestOf } from '../support/asked.ts';
import { A_TOOL, chatOf, IMAGE } from '../support/chats.ts';
import { load } from '../support/config-files.ts';
import { ANYBODY, planContext } from '../support/planning.ts';
import { buildProviders } from '../support/provider.ts';

const CONFIG = `
providers:
  p: { kind: openai-compatible, base_url: http://127.0.0.1:9 }
  off: { kind: openai, api_key: "\${NO_KEY}" }
auth: { keys: [{ name: blue, key: k1 }, { name: red, key: k2 }] }
fallback: { max_models: 4 }
models:
  blind: { provider: p, capabilities: [tools], prices: [{ input: 1, output: 2 }] }
  seeing: { provider: p, capabilities: [vision], context_window: 1000, prices: [{ input: 9, output: 9 }] }
  wide: { provider: p, capabilities: [tools, vision], context_window: 100000, prices: [{ input: 3, output: 4 }] }
  unknown: { provider: p }
  dark: { provider: off }
  asked: { provider: p, capabilities: [], fallbacks: [wide, blind] }
  narrow: { provider: p, context_window: 200, fallbacks: [wide] }
  pair: { targets: [blind, seeing] }
  many: { targets: [blind, seeing, wide, dark, unknown] }
  cheap: { targets: [seeing, wide, blind, unknown], strategy: cheapest }
  split: { targets: [{ model: blind, weight: 9 }, wide], strategy: weighted }
  quick: { targets: [blind, wide], strategy: fastest }
  idle: { targets: [blind, wide], strategy: least-busy }
  nested: { targets: [unknown, cheap], strategy: cheapest }
  limited: { targets: [blind, seeing, wide], fallback: { max_models: 2 } }
  ruled:
    rules:
      - { name: seen, when: { images: true }, use: [seeing, wide] }
      - { name: missing, when: { matches: dark }, use: [dark] }
      - { name: told, when: { matches: "dark|light" }, use: [wide] }
      - { when: { key: [blue] }, use: [wide, blind], strategy: cheapest }
    otherwise: [unknown]
    fallbacks: [blind]
  lost:
    rules: [{ name: missing, when: { matches: hello }, use: [dark] }, { use: [blind] }]
  deep: { rules: [{ name: seen, when: { images: true }, use: [cheap, blind] }, { use: [unknown, cheap] }] }
  deeper: { rules: [{ name: none, when: { pdf: true }, use: [blind] }], otherwise: [deep] }
`;
const config = load(CONFIG);
const registry = createRegistry(config, buildProviders(config));

function plan(model: string, chat: ChatRequest = chatOf(), parts: Partial<PlanContext> = {}, caller = ANYBODY): Plan {
  return createPlan(registry, requestOf({ ...chat, model }), caller, planContext(parts));
}

function names({ targets }: Plan): string {
  return targets.map(({ facts }) => facts.model).join(' ');
}

function skips({ skipped }: Plan): string[] {
  return skipped.map(({ model, reason }) => `${model}: ${reason}`);
}

describe('a target without the needed capability', () => {
  it('is skipped while another of the group has it, and the plan has the reason', () => {
    const found = plan('pair', chatOf([IMAGE]));
    expect(names(found)).toBe('seeing');
    expect(skips(found)).toEqual(['blind: it cannot see images']);
    expect(names(plan('pair', chatOf('x', { tools: [A_TOOL] })))).toBe('blind');
  });

  it('is tried when no target has it', () => {
    expect(names(plan('pair', chatOf([IMAGE], { tools: [A_TOOL] })))).toBe('blind seeing');
  });

  it('is skipped while a fallback has it', () => {
    const found = plan('asked', chatOf([IMAGE]));
    expect(names(found)).toBe('wide');
    expect(found.reason).toBe("is a fallback of 'asked', and can do what is needed");
    expect(skips(found)).toEqual(['asked: it cannot see images', 'blind: it cannot see images']);
  });

  it('is tried when it was named, and would only drop a parameter', () => {
    expect(names(plan('asked', chatOf('x', { reasoning_effort: 'high' })))).toBe('asked wide blind');
  });

  it('includes a context_window that is too small', () => {
    const found = plan('narrow', chatOf('word '.repeat(200)));
    expect(names(found)).toBe('wide');
    expect(skips(found)[0]).toMatch(/^narrow: its window of 200 tokens is too small/);
  });

  it('does not include unknown capabilities, nor a missing API key', () => {
    const found = plan('many', chatOf([IMAGE]));
    expect(names(found)).toBe('seeing wide unknown');
    expect(skips(found)).toEqual([
      "dark: provider 'off' has no key: set the environment variable NO_KEY",
      'blind: it cannot see images',
    ]);
  });
});

describe('a group', () => {
  it('keeps its order', () => {
    expect(plan('many')).toMatchObject({ route: 'many: order', rule: null });
    expect(names(plan('many'))).toBe('blind seeing wide unknown');
  });

  it('sorts by cheapest for this very request, and unknown prices last', () => {
    expect(names(plan('cheap'))).toBe('blind wide seeing unknown');
    expect(names(plan('cheap', chatOf([IMAGE])))).toBe('wide seeing unknown');
  });

  it('sorts by fastest', () => {
    const speedOf = (id: string): number => (id === 'p/wide' ? 10 : 20);
    expect(names(plan('quick', chatOf(), { stats: { speedOf, inFlightOf: () => 0 } }))).toBe('wide blind');
  });

  it('sorts by least-busy', () => {
    const inFlightOf = (id: string): number => (id === 'p/wide' ? 1 : 2);
    expect(names(plan('idle', chatOf(), { stats: { speedOf: () => null, inFlightOf } }))).toBe('wide blind');
  });

  it('draws by weight (weighted)', () => {
    const chances = [0.01, 0.9];
    expect(names(plan('split', chatOf(), { random: () => chances.shift() ?? 0 }))).toBe('wide blind');
    expect(names(plan('split'))).toBe('blind wide');
  });

  it('is sorted as its own first target where it is a member of another group', () => {
    expect(names(plan('nested'))).toBe('blind wide seeing unknown');
  });

  it('has no more than fallback.max_models, and leaves out first targets with an open circuit breaker', () => {
    const found = plan('limited', chatOf(), { breakers: { state: (id) => (id === 'p/blind' ? 'open' : 'closed') } });
    expect(names(found)).toBe('seeing wide');
    expect(skips(found)).toEqual(['blind: no more than 2 models are asked (fallback.max_models)']);
  });
});

describe('routing rules', () => {
  it('route the request to the first rule that matches', () => {
    const found = plan('ruled', chatOf([IMAGE]));
    expect(found).toMatchObject({ route: 'ruled: rule seen, order', rule: 'seen' });
    expect(names(found)).toBe('seeing wide');
  });

  it('skip a rule whose models are unavailable', () => {
    const found = plan('ruled', chatOf('dark'));
    expect(found.rule).toBe('told');
    expect(skips(found)).toEqual(["dark: provider 'off' has no key: set the environment variable NO_KEY"]);
  });

  it('are numbered where they have no name, and match on the API key', () => {
    const found = plan('ruled', chatOf(), {}, { ...ANYBODY, keyName: 'blue' });
    expect(found).toMatchObject({ route: 'ruled: rule 4, cheapest', rule: '4' });
    expect(names(found)).toBe('blind wide');
  });

  it('leave the rest to otherwise, and the fallbacks to the whole', () => {
    const found = plan('ruled');
    expect(found).toMatchObject({ route: 'ruled: otherwise', rule: null });
    expect(names(found)).toBe('unknown blind');
  });

  it('name the inner group that chose, and none that comes later', () => {
    expect(plan('deep', chatOf([IMAGE]))).toMatchObject({
      route: 'deep: rule seen, order, cheap: cheapest',
      reason:
        "comes first by 'order' in rule 'seen' of 'deep', which matches, and comes first in 'cheap' by 'cheapest'",
      rule: 'seen',
    });
    expect(plan('deep').route).toBe('deep: rule 2, order');
    expect(plan('nested').route).toBe('nested: cheapest, cheap: cheapest');
    expect(plan('deeper', chatOf([IMAGE]))).toMatchObject({
      route: 'deeper: otherwise, deep: rule seen, order, cheap: cheapest',
      rule: null,
    });
  });

  it('prefer the matching rule to any other, when no rule has a capable model', () => {
    expect(names(plan('lost', chatOf([IMAGE])))).toBe('blind');
  });
});

it('a model without fallbacks is planned without looking at the request', () => {
  const chat = Object.defineProperty(requestOf(chatOf('x', { model: 'wide' })), 'messages', {
    get: () => expect.unreachable('it read the messages'),
  });
  expect(createPlan(registry, chat, ANYBODY, planContext())).toEqual({
    caller: 'anonymous',
    targets: registry.find('wide').targets,
    route: 'model',
    reason: 'was asked for by name',
    rule: null,
    skipped: [],
  });
});
