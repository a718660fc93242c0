import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/languages/chat/schema.ts';
import type { ModelFacts } from '../../../src/languages/dialect.ts';
import { recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { perplexity } from '../../../src/providers/perplexity/perplexity.ts';
import { requestOf } from '../../support/asked.ts';
import { FACTS, replayStream, replayWhole, SPOKEN_TO } from '../../support/replay.ts';
import { checkStream } from '../../support/stream-rules.ts';

const USER = { role: 'user', content: 'Hello' } as const;
const WEATHER = { type: 'function', function: { name: 'weather' } } as const;
const TOOLS = { newId: () => 'call_new', signatures: { get: () => null, set: () => {} } };
const SEARCH = { type: 'web_search' };

const dialect = perplexity.createDialect(TOOLS, SPOKEN_TO)(requestOf({ model: 'm', messages: [USER] }), FACTS);

function upstreamOf(upstream: string, rest: Record<string, unknown> = {}, facts: Partial<ModelFacts> = {}) {
  return dialect.request(requestOf({ model: 'm', messages: [USER], ...rest }), { ...FACTS, upstream, ...facts });
}

function bodyOf(upstream: string, rest?: Record<string, unknown>, facts?: Partial<ModelFacts>) {
  return upstreamOf(upstream, rest, facts).body;
}

/** A dialect that was asked with the given tools. */
function askedWith(tools: ChatRequest['tools']) {
  const request = requestOf({ model: 'm', messages: [USER], tools });
  return {
    ...dialect,
    stream: () => dialect.stream(request, FACTS),
    response: (body: unknown) => dialect.response(body, request, FACTS),
  };
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/responses/${name}.sse`, import.meta.url));
}

describe('a Perplexity request', () => {
  it('goes to the Agent API, with a web search, and has no unknown field', () => {
    expect(upstreamOf('sonar')).toEqual({
      path: '/agent',
      body: {
        model: 'perplexity/sonar',
        input: [{ type: 'message', role: 'user', content: 'Hello' }],
        store: false,
        tools: [SEARCH],
        tool_choice: SEARCH,
      },
      dropped: [],
    });
  });

  it.each([
    ['sonar', { model: 'perplexity/sonar' }],
    ['perplexity/sonar', { model: 'perplexity/sonar' }],
    ['sonar-pro', { model: 'perplexity/sonar', preset: 'fast' }],
    ['sonar-reasoning', { model: 'perplexity/sonar', preset: 'medium' }],
    ['sonar-reasoning-pro', { model: 'perplexity/sonar', preset: 'medium' }],
    ['sonar-deep-research', { model: 'perplexity/sonar', preset: 'high' }],
  ])('maps the former model id %s', (upstream, fields) => {
    expect(bodyOf(upstream)).toMatchObject({ ...fields, tools: [SEARCH] });
  });

  it('takes the reasoning object of OpenRouter', () => {
    expect(bodyOf('sonar', { reasoning: { effort: 'low' } })).toMatchObject({ reasoning: { effort: 'low' } });
    expect(bodyOf('sonar', { reasoning: { enabled: false } })).toMatchObject({ reasoning: { effort: 'minimal' } });
  });

  it('sends the thought signatures of Gemini back to Gemini, and to no other provider', () => {
    const google = { google: { thought_signature: 'c2ln' } };
    const call = { id: 'call_a', type: 'function', function: { name: 'add', arguments: '{}' }, extra_content: google };
    const messages = [
      USER,
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_a', content: '' },
    ];
    const signed = { type: 'function_call', call_id: 'call_a', thought_signature: 'c2ln' };
    expect((bodyOf('google/gemini-3.1-pro', { messages })['input'] as unknown[])[1]).toMatchObject(signed);
    expect(JSON.stringify(bodyOf('openai/gpt-6-luna', { messages }))).not.toContain('c2ln');
  });

  it.each([
    ['openai/gpt-6-luna', { model: 'openai/gpt-6-luna' }],
    ['preset:low', { preset: 'low' }],
  ])('calls %s as it is, without a web search of ours', (upstream, fields) => {
    const body = bodyOf(upstream);
    expect(body).toMatchObject(fields);
    expect(body).not.toHaveProperty('tools');
    expect(Object.keys(body).sort()).toEqual([...Object.keys(fields), 'input', 'store'].sort());
  });

  it('puts the search parameters into the web search tool', () => {
    const filters = { search_domain_filter: ['a.example'], search_recency_filter: 'week' };
    const place = { latitude: 1, longitude: 2, country: 'IT' };
    const web_search_options = { search_context_size: 'high', search_type: 'pro', user_location: place };
    const { body, dropped } = upstreamOf('openai/gpt-6-luna', { ...filters, web_search_options, search_mode: 'sec' });
    expect(body['tools']).toEqual([{ type: 'web_search', filters, search_context_size: 'high', user_location: place }]);
    expect(dropped).toEqual(['search_mode', 'web_search_options.search_type']);
  });

  it('unwraps user_location from the OpenAI form', () => {
    const user_location = { type: 'approximate', approximate: { city: 'Rome', timezone: 'Europe/Rome' } };
    expect(bodyOf('sonar', { web_search_options: { user_location } })['tools']).toEqual([
      { type: 'web_search', user_location: { city: 'Rome' } },
    ]);
  });

  it('does not search when search is turned off', () => {
    const { body, dropped } = upstreamOf('sonar-pro', { disable_search: true, search_recency_filter: 'day' });
    expect(body).toMatchObject({ model: 'perplexity/sonar' });
    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('preset');
    expect(dropped).toEqual([]);
  });

  it('does not force the search beside tools of the client', () => {
    const weather = { type: 'function', name: 'weather', strict: false };
    expect(bodyOf('sonar', { tools: [WEATHER] })).toMatchObject({ tools: [weather, SEARCH] });
    expect(bodyOf('sonar', { tools: [WEATHER] })).not.toHaveProperty('tool_choice');
  });

  it.each([
    ['none', { tools: [SEARCH], tool_choice: SEARCH }],
    ['required', { tools: [{ name: 'weather' }], tool_choice: 'required' }],
    [WEATHER, { tools: [{ name: 'weather' }], tool_choice: { type: 'function', name: 'weather' } }],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [WEATHER] } },
      { tools: [{ name: 'weather' }], tool_choice: 'required' },
    ],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [WEATHER] } },
      { tools: [{ name: 'weather' }, SEARCH], tool_choice: 'auto' },
    ],
  ])('translates tool_choice %j', (tool_choice, expected) => {
    const other = { type: 'function', function: { name: 'other' } };
    const isNarrow = typeof tool_choice === 'object' && tool_choice.type === 'allowed_tools';
    const tools = isNarrow ? [WEATHER, other] : [WEATHER];
    expect(bodyOf('sonar', { tools, tool_choice })).toMatchObject(expected);
  });

  it('keeps the built-in tools of Perplexity and names the unsupported ones', () => {
    const own = { type: 'fetch_url', max_urls: 2 };
    const { body, dropped } = upstreamOf('sonar', { tools: [own, { type: 'custom', custom: { name: 'sql' } }] });
    expect(body['tools']).toEqual([own, SEARCH]);
    expect(dropped).toEqual(['tools']);
  });

  it('translates response_format, max_tokens and reasoning_effort', () => {
    const json_schema = { name: 'out', schema: { type: 'object' }, description: 'x' };
    const response_format = { type: 'json_schema', json_schema };
    expect(bodyOf('sonar', { response_format, max_tokens: 5, reasoning_effort: 'none' })).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'out', schema: { type: 'object' }, strict: false } },
      max_output_tokens: 16,
      reasoning: { effort: 'minimal' },
    });
    expect(upstreamOf('sonar', { response_format: { type: 'json_object' } }).dropped).toEqual(['response_format']);
  });

  it('gives Anthropic models the max_tokens that they require', () => {
    expect(bodyOf('anthropic/claude')['max_output_tokens']).toBe(8192);
    expect(bodyOf('anthropic/claude', {}, { maxOutputTokens: 4000 })['max_output_tokens']).toBe(4000);
    expect(bodyOf('anthropic/claude', { max_tokens: 100 })['max_output_tokens']).toBe(100);
  });

  it('names every unsupported field', () => {
    const lost = { stop: 'x', seed: 1, top_k: 3, user: 'u', return_images: true, service_tier: 'flex' };
    const { body, dropped } = upstreamOf('sonar', { ...lost, return_related_questions: false, temperature: 0.2 });
    expect(dropped).toEqual(Object.keys(lost));
    expect(Object.keys(body)).toEqual(['model', 'input', 'temperature', 'store', 'tools', 'tool_choice']);
  });

  it('sends the conversation as plain text', () => {
    const image = { type: 'image_url', image_url: { url: 'https://x.example/a.png', detail: 'low' } };
    const messages = [
      { role: 'user', content: [image] },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'A cat.' }],
        tool_calls: [
          { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{}' } },
          { id: 'call_q', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_a', content: [{ type: 'text', text: 'Rain' }] },
    ];
    expect(bodyOf('sonar', { messages })['input']).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_image', image_url: 'https://x.example/a.png' }] },
      { type: 'message', role: 'assistant', content: 'A cat.' },
      { type: 'function_call', call_id: 'call_a', name: 'weather', arguments: '{}' },
      { type: 'function_call', call_id: 'call_q', name: 'sql', arguments: '{"input":"SELECT 1"}' },
      { type: 'function_call_output', call_id: 'call_a', output: 'Rain' },
    ]);
  });

  it('refuses files, which the Agent API does not read', () => {
    const file = { type: 'file', file: { file_id: 'file_1' } };
    expect(() => upstreamOf('sonar', { messages: [{ role: 'user', content: [file] }] })).toThrow("takes no 'file'");
  });
});

describe('a Perplexity answer', () => {
  it('has its citations as annotations and in the fields of the former API', () => {
    const { text, completion, failure } = replayStream(dialect, fixture('perplexity-search'));
    expect(failure).toBeNull();
    const answer = checkStream(text ?? '', { includeUsage: true });
    const annotations = recordsOf(recordOf(recordsOf(completion['choices'])[0]?.['message'])['annotations']);
    const said = answer.choices[0]?.text ?? '';
    const cited = annotations.map(({ url_citation: citation }) => {
      const { url, start_index, end_index } = recordOf(citation);
      return [said.slice(Number(start_index), Number(end_index)), url];
    });
    expect(cited).toEqual([
      ['[1]', 'https://a.example/'],
      ['[2]', 'https://c.example/'],
      ['[web:1]', 'https://a.example/'],
    ]);
    expect(completion['citations']).toEqual(['https://a.example/', 'https://c.example/']);
    expect(recordsOf(completion['search_results'])).toHaveLength(2);
    expect(answer.choices[0]).toMatchObject({ finish: 'stop', toolCalls: [] });
  });

  it('has its cost', () => {
    const { completion } = replayStream(dialect, fixture('perplexity-search'));
    expect(completion['usage']).toMatchObject({
      cost: 0.0105,
      cost_details: { input_cost: 0.01 },
      prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 1 },
    });
  });

  it('has tool calls of the functions that the client declared, not of its own', () => {
    const { completion } = replayStream(askedWith([WEATHER]), fixture('perplexity-client-call'));
    const call = { id: 'call_w', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } };
    expect(recordsOf(completion['choices'])[0]).toMatchObject({
      message: { tool_calls: [call] },
      finish_reason: 'tool_calls',
    });
  });

  it('knows the functions of the client from the echo of the request, too', () => {
    const call = { type: 'function_call', call_id: 'call_w', name: 'weather', arguments: '{}' };
    const body = { status: 'completed', output: [call], tools: [{ type: 'function', name: 'weather' }] };
    const { completion } = replayWhole(dialect, Buffer.from(JSON.stringify(body)));
    expect(recordsOf(completion['choices'])[0]).toMatchObject({ finish_reason: 'tool_calls' });
  });

  it('may still have the former shape', () => {
    const citations = ['https://a.example/'];
    const choice = { index: 0, finish_reason: 'stop' };
    const whole = { choices: [{ ...choice, message: { role: 'assistant', content: 'Rain [1]' } }], citations };
    const chunk = { choices: [{ ...choice, delta: { role: 'assistant', content: 'Rain [1]' } }], citations };
    const answers = [
      replayWhole(dialect, Buffer.from(JSON.stringify(whole))),
      replayStream(dialect, Buffer.from(`data: ${JSON.stringify(chunk)}\r\n\r\n`)),
    ];
    for (const { completion, failure } of answers) {
      expect(failure).toBeNull();
      expect(completion).toMatchObject({
        citations,
        choices: [{ message: { content: 'Rain [1]', annotations: [{ url_citation: { url: citations[0] } }] } }],
      });
    }
  });

  it('is a failure when the chat API is gone', () => {
    const error = { message: 'Sonar is now the Agent API.', type: 'chat_completions_not_available', code: 403 };
    expect(dialect.failure(403, {}, JSON.stringify({ error }), 0).kind).toBe('server');
  });
});
