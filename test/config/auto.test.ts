import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import { createPlan } from '../../src/routing/plan.ts';
import { createRegistry } from '../../src/routing/registry.ts';
import { requestOf } from '../support/asked.ts';
import { A_TOOL, AUDIO, chatOf, IMAGE, PDF } from '../support/chats.ts';
import { load } from '../support/config-files.ts';
import { ANYBODY, planContext } from '../support/planning.ts';
import { buildProvider, buildProviders } from '../support/provider.ts';
import { AUTO_VENDORS, EVERY_VENDOR, shippedConfig } from '../support/shipped-auto.ts';

/** Which rule of the shipped `auto` a request meets, and which providers are asked. */
function choose(chat: ChatRequest, vendors: readonly string[] = EVERY_VENDOR) {
  const config = load(shippedConfig(vendors));
  const demo = { demo: { upstream: 'demo', capabilities: ['tools' as const, 'vision' as const, 'audio' as const] } };
  const providers = new Map([
    ...buildProviders(config),
    ['demo', buildProvider('demo', {}, { models: demo })] as const,
  ]);
  const plan = createPlan(createRegistry(config, providers), requestOf(chat), ANYBODY, planContext());
  return { rule: plan.rule, providers: plan.targets.map(({ provider }) => provider.name) };
}

describe('routing of the shipped auto model: questions that need a web search', () => {
  it.each([
    'What are recent events in Delhi?',
    'Any news from Mars?',
    'what is the weather in Oslo',
    'How much is a Tesla Model 3?',
    'What is the price of gold?',
    'Who won the match yesterday?',
    'Who is the prime minister of Japan?',
    'When does the Louvre open?',
    'What date is Easter next year?',
    'Good restaurants in Lisbon near the river',
    'Things to do this weekend in Berlin',
    'What is the latest version of TypeScript?',
    'Summarise the 2026 budget',
    'What time is it in Tokyo?',
    'current exchange rate of the euro',
    'concerts in Vienna',
  ])('go to Perplexity: %s', (question) => {
    expect(choose(chatOf(question))).toMatchObject({ rule: 'fresh-facts', providers: [...PERPLEXITY_FIRST] });
  });

  it.each([
    'Write a haiku about the sea',
    'Translate "good morning" into French',
    'What is the capital of France?',
    'Explain photosynthesis to a child',
    'How much is 2 + 2?',
    'Tell me a joke about a horse',
    'Summarise this paragraph in one sentence',
  ])('do not include: %s', (question) => {
    expect(choose(chatOf(question)).rule).toBe('rest');
  });
});

const PERPLEXITY_FIRST = ['perplexity', 'gemini', 'openai'] as const;

describe('routing of the shipped auto model: other requests', () => {
  it.each([
    'Fix the bug in this function:\n```js\nlet a = 1\n```',
    'Write a Python script that renames files',
    'def add(a, b):\n  return a - b',
    'Why this stack trace?',
    'Implement an event handler component for the current page',
  ])('about code go to a strong model: %j', (question) => {
    expect(choose(chatOf(question)).rule).toBe('code');
  });

  it.each<[string, ChatRequest, string, string]>([
    ['an image', chatOf([IMAGE, { type: 'text', text: 'What is new in this picture today?' }]), 'images', 'gemini'],
    ['a PDF', chatOf([PDF]), 'pdf', 'gemini'],
    ['audio', chatOf([AUDIO]), 'audio', 'gemini'],
    ['a long text', chatOf('word '.repeat(100_000)), 'long-input', 'gemini'],
    ['tools, whatever it asks', chatOf('What is the weather today?', { tools: [A_TOOL] }), 'tools', 'openai'],
    ['a high effort', chatOf('Prove it', { reasoning_effort: 'high' }), 'hard', 'openai'],
  ])('with %s go to a model that is good at it', (_title, chat, rule, provider) => {
    const chosen = choose(chat);
    expect([chosen.rule, chosen.providers[0]]).toEqual([rule, provider]);
  });
});

describe('routing of the shipped auto model: provider keys', () => {
  const requests = [
    'Hi',
    'What is new today?',
    'Fix the bug in this code',
    [IMAGE],
    [PDF],
    [AUDIO],
    'word '.repeat(100_000),
  ].map((content) => chatOf(content));

  it.each(AUTO_VENDORS)('of %s alone answer every question, and never with the demo', (vendor) => {
    for (const chat of [...requests, chatOf('x', { tools: [A_TOOL] }), chatOf('x', { reasoning_effort: 'max' })]) {
      expect(new Set(choose(chat, [vendor]).providers)).toEqual(new Set([vendor]));
    }
  });

  it('that are all missing leave the demo', () => {
    for (const chat of requests) expect(choose(chat, [])).toEqual({ rule: null, providers: ['demo'] });
  });
});
