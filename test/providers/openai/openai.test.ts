import { describe, expect, it } from 'vitest';
import type { ModelFacts } from '../../../src/languages/dialect.ts';
import { checkResponsesBody } from '../../../src/languages/responses/client-check.ts';
import { readResponsesRequest } from '../../../src/languages/responses/client-request.ts';
import { atOnce } from '../../../src/protocol/turns.ts';
import { openai } from '../../../src/providers/openai/openai.ts';
import { requestOf } from '../../support/asked.ts';
import { FACTS, SPOKEN_TO } from '../../support/replay.ts';

const USER = { role: 'user', content: 'Hello' } as const;
const ADD = { type: 'function', function: { name: 'add' } } as const;
const TOOLS = { newId: () => 'call_new', signatures: { get: () => null, set: () => {} } };

const choose = openai.createDialect(TOOLS, SPOKEN_TO);

function upstreamOf(upstream: string, rest: Record<string, unknown> = {}, facts: Partial<ModelFacts> = {}) {
  const request = requestOf({ model: 'm', messages: [USER], ...rest });
  const known = { ...FACTS, upstream, ...facts };
  return choose(request, known).request(request, known);
}

describe('the OpenAI dialect (chat or responses)', () => {
  it.each([
    ['gpt-4o', {}, '/chat/completions'],
    ['gpt-4o', { tools: [ADD] }, '/chat/completions'],
    ['gpt-5', { tools: [ADD] }, '/chat/completions'],
    ['gpt-5.2', { tools: [ADD] }, '/chat/completions'],
    ['o3', { tools: [ADD] }, '/chat/completions'],
    ['gpt-5.4', {}, '/chat/completions'],
    ['gpt-5.4', { tools: [] }, '/chat/completions'],
    ['gpt-5.4', { tools: [ADD] }, '/responses'],
    ['gpt-5.4-mini-2026-03-17', { tools: [ADD] }, '/responses'],
    ['gpt-5.4', { tools: [ADD], reasoning_effort: 'none' }, '/chat/completions'],
    ['gpt-5.10', { tools: [ADD] }, '/responses'],
    ['gpt-6-luna', { tools: [ADD] }, '/responses'],
    ['gpt-6-luna', { tools: [ADD], reasoning_effort: 'none' }, '/chat/completions'],
    ['gpt-6-astra', { tools: [ADD], reasoning_effort: 'none' }, '/responses'],
    ['gpt-6.1-sol', { tools: [ADD], reasoning_effort: 'none' }, '/responses'],
    ['gpt-6.2-sol', { tools: [ADD], reasoning_effort: 'none' }, '/responses'],
    ['ft:gpt-5.4:acme::1', { tools: [ADD] }, '/responses'],
    ['gpt-6-sol', { functions: [{ name: 'add' }] }, '/responses'],
    ['gpt-5.4-pro', {}, '/responses'],
    ['o3-pro', {}, '/responses'],
    ['gpt-6-luna', { web_search_options: {} }, '/responses'],
    ['gpt-4o-search-preview', { web_search_options: {} }, '/chat/completions'],
    ['gpt-5-search-api', { web_search_options: {} }, '/chat/completions'],
    ['gpt-4o', { tools: [{ type: 'web_search' }] }, '/responses'],
    ['gpt-5', { reasoning_effort: 'high' }, '/chat/completions'],
    ['gpt-5', { reasoning_effort: 'high', include_reasoning: true }, '/responses'],
    ['gpt-5', { reasoning: { effort: 'high' } }, '/responses'],
    ['gpt-5', { reasoning: { effort: 'high', exclude: true } }, '/chat/completions'],
    ['gpt-4o', { include_reasoning: true }, '/chat/completions'],
  ])('%s %j: %s', (upstream, rest, path) => {
    expect(upstreamOf(upstream, rest).path).toBe(path);
  });

  it('is that of clients who speak Responses, unless the provider is set otherwise or the model has chat alone', () => {
    const body = atOnce(checkResponsesBody({ model: 'm', input: 'Hello', top_k: 3 }));
    const request = atOnce(readResponsesRequest(body, []));
    const pathOf = (upstream: string, hasResponses: boolean | null) => {
      const known = { ...FACTS, upstream };
      return openai
        .createDialect(TOOLS, { name: 'ai', hasResponses, keepsResponses: false })(request, known)
        .request(request, known).path;
    };
    expect(pathOf('gpt-4o', null)).toBe('/responses');
    expect(pathOf('gpt-4o', true)).toBe('/responses');
    expect(pathOf('gpt-4o', false)).toBe('/chat/completions');
    expect(pathOf('gpt-4o-search-preview', null)).toBe('/chat/completions');
  });

  it('is that of the registry where it has one', () => {
    expect(upstreamOf('gpt-6-luna', { tools: [ADD] }, { toolsEndpoint: 'chat' }).path).toBe('/chat/completions');
    expect(upstreamOf('gpt-4.1', { tools: [ADD] }, { toolsEndpoint: 'responses' }).path).toBe('/responses');
    const efforts = { reasoningEfforts: ['low', 'high'] };
    expect(upstreamOf('gpt-6-luna', { tools: [ADD], reasoning_effort: 'none' }, efforts).path).toBe('/responses');
  });
});

describe('parameters of an OpenAI reasoning model', () => {
  it('are dropped by name where it refuses them, and no others', () => {
    const refused = { stop: 'x', logprobs: true, top_logprobs: 2, logit_bias: { '1': 1 } };
    const sampling = { temperature: 0.2, top_p: 0.5, presence_penalty: 1, frequency_penalty: 1 };
    const { body, dropped } = upstreamOf('gpt-5', { ...refused, ...sampling, max_tokens: 9, seed: 1 });
    expect(dropped).toEqual([...Object.keys(refused), ...Object.keys(sampling)]);
    expect(body).toEqual({ model: 'gpt-5', messages: [USER], max_completion_tokens: 9, seed: 1 });
  });

  it('are dropped silently where they are defaults', () => {
    const defaults = { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, logprobs: false };
    const { body, dropped } = upstreamOf('o3', { ...defaults, top_logprobs: 0, stop: null });
    expect(dropped).toEqual([]);
    expect(body).toEqual({ model: 'o3', messages: [USER] });
  });

  it('keep the sampling while the model does not reason', () => {
    const { body, dropped } = upstreamOf('gpt-5.4', { reasoning_effort: 'none', temperature: 0.2, stop: 'x' });
    expect(body).toMatchObject({ reasoning_effort: 'none', temperature: 0.2 });
    expect(dropped).toEqual(['stop']);
  });

  it('are adapted for the Responses API by the same rules', () => {
    const { body, dropped } = upstreamOf('gpt-6-luna', { tools: [ADD], temperature: 0.2, stop: 'x', max_tokens: 20 });
    expect(dropped).toEqual(['stop', 'temperature']);
    expect(body).toMatchObject({ max_output_tokens: 20 });
    expect(body).not.toHaveProperty('temperature');
  });

  it('ask for no reasoning summary where the client wants no reasoning and the model refuses that', () => {
    const { path, body } = upstreamOf('gpt-6-astra', { tools: [ADD], reasoning: { effort: 'none' } });
    expect(path).toBe('/responses');
    expect(body['reasoning']).toEqual({ effort: 'low' });
  });

  it('stay unchanged for older models', () => {
    const rest = { stop: 'x', temperature: 0.2, max_tokens: 9, logprobs: true, functions: [{ name: 'add' }] };
    const { body, dropped } = upstreamOf('gpt-4o', rest);
    expect(body).toEqual({ model: 'gpt-4o', messages: [USER], ...rest });
    expect(dropped).toEqual([]);
  });

  it('are dropped by name where only other providers know them', () => {
    const foreign = { provider: { sort: 'price' }, top_k: 4, search_mode: 'web', safety_settings: [] };
    const { body, dropped } = upstreamOf('gpt-4o', { ...foreign, return_images: false, x_own: 1 });
    expect(body).toEqual({ model: 'gpt-4o', messages: [USER], x_own: 1 });
    expect(dropped).toEqual(Object.keys(foreign));
  });

  it('take the reasoning object of OpenRouter', () => {
    const { body, dropped } = upstreamOf('gpt-5', { reasoning: { effort: 'high', exclude: true } });
    expect(body).toEqual({ model: 'gpt-5', messages: [USER], reasoning_effort: 'high' });
    expect(dropped).toEqual([]);
    expect(upstreamOf('gpt-5', { reasoning: { max_tokens: 500 } }).dropped).toEqual(['reasoning.max_tokens']);
    expect(upstreamOf('gpt-4o', { reasoning: { enabled: true } }).dropped).toEqual(['reasoning']);
  });

  it.each([
    ['xhigh', ['low', 'medium', 'high'], 'high'],
    ['none', ['minimal', 'low'], 'minimal'],
    ['minimal', ['none', 'low'], 'low'],
    ['low', ['medium', 'high'], 'medium'],
    ['high', ['low', 'high'], 'high'],
    ['extreme', null, 'extreme'],
  ])('map the reasoning_effort %s of %j to %s', (reasoning_effort, reasoningEfforts, expected) => {
    const { body, dropped } = upstreamOf('gpt-5', { reasoning_effort }, { reasoningEfforts });
    expect(body['reasoning_effort']).toBe(expected);
    expect(dropped).toEqual([]);
  });

  it('drop a reasoning_effort without a near one', () => {
    for (const [reasoning_effort, reasoningEfforts] of [
      ['low', []],
      ['extreme', ['low']],
    ] as const) {
      const { body, dropped } = upstreamOf('gpt-5', { reasoning_effort }, { reasoningEfforts });
      expect(dropped).toEqual(['reasoning_effort']);
      expect(body).not.toHaveProperty('reasoning_effort');
    }
  });
});

describe('message history sent to OpenAI', () => {
  it('has no fields that OpenAI does not know', () => {
    const said = { role: 'assistant', content: 'Hi', refusal: null };
    const extra = { reasoning_content: 'Hm', reasoning_details: [], images: [], annotations: [], extra_content: {} };
    expect(upstreamOf('gpt-4o', { messages: [USER, { ...said, ...extra }] }).body['messages']).toEqual([USER, said]);
  });
});

describe('a long tool call id', () => {
  it('is shortened to the limit of OpenAI, in the tool call and in its result alike', () => {
    const id = `call_${'x'.repeat(60)}`;
    const call = { id, type: 'function', function: { name: 'add', arguments: '{}' } };
    const messages = [USER, { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: id, content: '' }];
    const [, assistant, result] = upstreamOf('gpt-4o', { messages }).body['messages'] as Record<string, unknown>[];
    const cut = result?.['tool_call_id'];
    expect(cut).toMatch(/^call_x+[0-9a-f]{8}$/);
    expect(cut).toHaveLength(40);
    expect(assistant).toMatchObject({ tool_calls: [{ id: cut }] });
  });
});

describe('deprecated functions', () => {
  const functions = [{ name: 'add', parameters: { type: 'object' } }];

  it('become tools, with their calls and results', () => {
    const messages = [
      USER,
      { role: 'assistant', content: null, function_call: { name: 'add', arguments: '{"x":1}' } },
      { role: 'function', name: 'add', content: '2' },
    ];
    const { body, dropped } = upstreamOf('gpt-6-luna', { messages, functions, function_call: { name: 'add' } });
    expect(dropped).toEqual([]);
    expect(body).toMatchObject({
      tools: [{ type: 'function', name: 'add' }],
      tool_choice: { type: 'function', name: 'add' },
      parallel_tool_calls: false,
    });
    expect((body['input'] as unknown[]).slice(1)).toEqual([
      { type: 'function_call', call_id: 'call_1', name: 'add', arguments: '{"x":1}' },
      { type: 'function_call_output', call_id: 'call_1', output: '2' },
    ]);
  });

  it('become tools in chat, too', () => {
    const { path, body } = upstreamOf('gpt-5', { functions, function_call: 'auto' });
    expect(path).toBe('/chat/completions');
    expect(body).toMatchObject({ tools: [{ type: 'function', function: functions[0] }], tool_choice: 'auto' });
    expect(body).not.toHaveProperty('functions');
  });
});
