import { describe, expect, it } from 'vitest';
import { createResponsesDialect } from '../../../src/languages/responses/responses.ts';
import { toResponsesRequest } from '../../../src/languages/responses/upstream-request.ts';
import { GatewayError } from '../../../src/protocol/errors.ts';
import { requestOf } from '../../support/asked.ts';
import { FACTS } from '../../support/replay.ts';

const USER = { role: 'user', content: 'Hello' } as const;
const ADD = { type: 'function', function: { name: 'add', parameters: { type: 'object' } } } as const;

function upstreamOf(rest: Record<string, unknown>) {
  const variant = { path: '/responses', toBody: toResponsesRequest, hasOwnFunctions: false };
  return createResponsesDialect(variant, () => 'call_new').request(
    requestOf({ model: 'm', messages: [USER], ...rest }),
    FACTS,
  );
}

function inputOf(...messages: unknown[]) {
  return upstreamOf({ messages }).body['input'] as unknown[];
}

describe('a Responses request', () => {
  it('is minimal for a minimal chat', () => {
    expect(upstreamOf({ fallbacks: ['x'] })).toEqual({
      path: '/responses',
      body: { model: 'upstream-model', input: [{ type: 'message', role: 'user', content: 'Hello' }], store: false },
      dropped: [],
    });
  });

  it('keeps the fields that chat and Responses share', () => {
    const shared = { temperature: 0.5, top_p: 0.9, metadata: { a: 'b' }, service_tier: 'flex', stream: true };
    expect(upstreamOf({ ...shared, safety_identifier: 's', prompt_cache_key: 'k' }).body).toMatchObject(shared);
  });

  it('names unsupported fields as dropped, except defaults', () => {
    const lost = { seed: 1, stop: 'x', n: 2, logit_bias: { '1': 1 }, top_k: 4 };
    expect(upstreamOf(lost).dropped).toEqual(Object.keys(lost));
    const nothing = { n: 1, presence_penalty: 0, logprobs: false, stop: [], seed: null, user: null };
    expect(upstreamOf(nothing).dropped).toEqual([]);
  });

  it.each([
    [{ max_tokens: 4 }, 16],
    [{ max_tokens: 100 }, 100],
    [{ max_tokens: 100, max_completion_tokens: 200 }, 200],
  ])('takes %j as max_output_tokens of %i', (limit, expected) => {
    expect(upstreamOf(limit).body['max_output_tokens']).toBe(expected);
  });

  it.each([
    [{ reasoning_effort: 'high' }, { effort: 'high' }],
    [{ reasoning_effort: 'none', include_reasoning: true }, { effort: 'none' }],
    [
      { reasoning_effort: 'low', include_reasoning: true },
      { effort: 'low', summary: 'auto' },
    ],
    [{ reasoning: { effort: 'low', summary: 'detailed' } }, { effort: 'low', summary: 'detailed' }],
    [{ reasoning: { effort: 'low', exclude: true } }, { effort: 'low' }],
    [{ reasoning: { enabled: true } }, { summary: 'auto' }],
  ])('asks for a reasoning summary only where %j wants to read it', (chat, reasoning) => {
    const { body, dropped } = upstreamOf(chat);
    expect(body['reasoning']).toEqual(reasoning);
    expect(dropped).toEqual([]);
  });

  it('asks for logprobs', () => {
    const { body, dropped } = upstreamOf({ logprobs: true, top_logprobs: 2 });
    expect(body).toMatchObject({ include: ['message.output_text.logprobs'], top_logprobs: 2 });
    expect(dropped).toEqual([]);
  });

  it('does not search where web search is turned off', () => {
    const { body, dropped } = upstreamOf({ web_search_options: {}, disable_search: true });
    expect(body).not.toHaveProperty('tools');
    expect(dropped).toEqual([]);
  });

  it('has response_format and verbosity as text', () => {
    const json_schema = { name: 'out', schema: { type: 'object' } };
    expect(
      upstreamOf({ response_format: { type: 'json_schema', json_schema }, verbosity: 'low' }).body['text'],
    ).toEqual({
      format: { type: 'json_schema', name: 'out', schema: { type: 'object' }, strict: false },
      verbosity: 'low',
    });
    expect(upstreamOf({ response_format: { type: 'json_object' } }).body['text']).toEqual({
      format: { type: 'json_object' },
    });
    expect(upstreamOf({ response_format: { type: 'regex' } }).dropped).toEqual(['response_format']);
  });

  it('keeps only the stream_options that it supports', () => {
    const chosen = { include_usage: true, include_obfuscation: false };
    expect(upstreamOf({ stream: true, stream_options: chosen }).body['stream_options']).toEqual({
      include_obfuscation: false,
    });
    expect(
      upstreamOf({ stream: true, stream_options: { include_usage: true } }).body['stream_options'],
    ).toBeUndefined();
  });
});

describe('tools of a Responses request', () => {
  it('are flat and always have strict', () => {
    const strict = { type: 'function', function: { name: 'now', description: 'The time', strict: true } };
    expect(upstreamOf({ tools: [ADD, strict] }).body['tools']).toEqual([
      { type: 'function', name: 'add', parameters: { type: 'object' }, strict: false },
      {
        type: 'function',
        name: 'now',
        description: 'The time',
        parameters: { type: 'object', properties: {}, additionalProperties: false },
        strict: true,
      },
    ]);
  });

  it('may be custom, with a grammar, or built in', () => {
    const grammar = { definition: 'a+', syntax: 'regex' };
    const sql = { type: 'custom', custom: { name: 'sql', format: { type: 'grammar', grammar } } };
    const search = { type: 'file_search', vector_store_ids: ['vs_1'] };
    expect(upstreamOf({ tools: [sql, search] }).body['tools']).toEqual([
      { type: 'custom', name: 'sql', format: { type: 'grammar', ...grammar } },
      search,
    ]);
  });

  it('include the web search of web_search_options', () => {
    const user_location = { type: 'approximate', approximate: { city: 'Rome' } };
    const web_search_options = { search_context_size: 'low', user_location };
    expect(upstreamOf({ web_search_options }).body['tools']).toEqual([
      { type: 'web_search', search_context_size: 'low', user_location: { type: 'approximate', city: 'Rome' } },
    ]);
  });

  it.each([
    ['required', 'required'],
    [
      { type: 'function', function: { name: 'add' } },
      { type: 'function', name: 'add' },
    ],
    [
      { type: 'custom', custom: { name: 'sql' } },
      { type: 'custom', name: 'sql' },
    ],
    [{ type: 'file_search' }, { type: 'file_search' }],
    [
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'add' } }] },
      },
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'add' }] },
    ],
  ])('are chosen by tool_choice %j', (tool_choice, expected) => {
    expect(upstreamOf({ tools: [ADD], tool_choice }).body['tool_choice']).toEqual(expected);
  });
});

describe('input of a Responses request', () => {
  it('keeps system and developer roles', () => {
    expect(inputOf({ role: 'system', content: 'a' }, { role: 'developer', content: 'b' }, USER)).toMatchObject([
      { role: 'system', content: 'a' },
      { role: 'developer', content: 'b' },
      { role: 'user', content: 'Hello' },
    ]);
  });

  it('has text, images and files as parts', () => {
    const content = [
      { type: 'text', text: 'See' },
      { type: 'image_url', image_url: { url: 'https://x.example/a.png' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AA', filename: 'a.pdf' } },
      { type: 'file', file: { file_id: 'file_1' } },
    ];
    expect(inputOf({ role: 'user', content })).toMatchObject([
      {
        content: [
          { type: 'input_text', text: 'See' },
          { type: 'input_image', image_url: 'https://x.example/a.png', detail: 'auto' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'low' },
          { type: 'input_file', file_data: 'data:application/pdf;base64,AA', filename: 'a.pdf' },
          { type: 'input_file', file_id: 'file_1' },
        ],
      },
    ]);
  });

  it('refuses unsupported content', () => {
    const audio = { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } };
    const ask = () => inputOf(USER, { role: 'user', content: [audio] });
    expect(ask).toThrow(GatewayError);
    expect(ask).toThrow("Invalid value for 'messages[1].content[0].type'");
  });

  it('has the text, refusal and tool calls of the assistant', () => {
    const assistant = {
      role: 'assistant',
      content: 'Sure.',
      refusal: ' Not that.',
      reasoning_content: 'Hm',
      tool_calls: [
        { id: 'call_a__thought__c2ln', type: 'function', function: { name: 'add', arguments: '{"x":1}' } },
        { id: 'call_q', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } },
      ],
    };
    const results = [
      { role: 'tool', tool_call_id: 'call_a__thought__c2ln', content: [{ type: 'text', text: '2' }] },
      { role: 'tool', tool_call_id: 'call_q', content: '1 row' },
    ];
    expect(inputOf(USER, assistant, ...results).slice(1)).toEqual([
      {
        type: 'message',
        role: 'assistant',
        content: 'Sure. Not that.',
      },
      { type: 'function_call', call_id: 'call_a', name: 'add', arguments: '{"x":1}' },
      { type: 'custom_tool_call', call_id: 'call_q', name: 'sql', input: 'SELECT 1' },
      { type: 'function_call_output', call_id: 'call_a', output: '2' },
      { type: 'custom_tool_call_output', call_id: 'call_q', output: '1 row' },
    ]);
  });

  it('leaves out an assistant message with tool calls only', () => {
    const call = { id: 'call_a', type: 'function', function: { name: 'now', arguments: '' } };
    expect(inputOf({ role: 'assistant', content: null, tool_calls: [call] })).toEqual([
      { type: 'function_call', call_id: 'call_a', name: 'now', arguments: '{}' },
    ]);
  });

  it('shortens tool call ids that OpenAI would refuse, the same way on both sides', () => {
    const id = 'x'.repeat(80);
    const call = { id, type: 'function', function: { name: 'now', arguments: '{}' } };
    const result = { role: 'tool', tool_call_id: id, content: 'noon' };
    expect(inputOf({ role: 'assistant', tool_calls: [call] }, result)).toMatchObject([
      { call_id: expect.stringMatching(/^x{56}[0-9a-f]{8}$/) },
      { call_id: expect.stringMatching(/^x{56}[0-9a-f]{8}$/) },
    ]);
  });

  it('names the unsupported fields of messages as dropped', () => {
    const messages = [
      { ...USER, name: 'ann' },
      { role: 'assistant', content: 'Hi', audio: { id: 'audio_1' } },
    ];
    expect(upstreamOf({ messages }).dropped).toEqual(['messages[].name', 'messages[].audio']);
  });
});
