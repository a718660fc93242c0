import { describe, expect, it } from 'vitest';
import {
  checkConversationItems,
  checkResponsesBody,
  type ResponsesBody,
  refuseUnknownItem,
} from '../../../src/languages/responses/client-check.ts';
import { ITEM_TYPES } from '../../../src/languages/responses/client-item-schemas.ts';
import { GatewayError } from '../../../src/protocol/errors.ts';
import { atOnce } from '../../../src/protocol/turns.ts';
import { loadRecordings } from '../../support/recordings.ts';

const GOOD = { model: 'm', input: 'Hello' };

function read(body: unknown): ResponsesBody {
  return atOnce(checkResponsesBody(body));
}

function refusalOf(body: unknown) {
  try {
    read(body);
  } catch (error) {
    if (error instanceof GatewayError) return { status: error.status, ...error.toBody().error };
    throw error;
  }
  throw new Error('The request was accepted.');
}

/** @param item put among the input, behind another one */
function withItem(item: unknown) {
  return { ...GOOD, input: [{ role: 'user', content: 'Hi' }, item] };
}

function withTool(tool: unknown) {
  return { ...GOOD, tools: [tool] };
}

describe('an item of an unknown type', () => {
  const body = withItem({ type: 'telepathy' });

  it('is taken, and refused where no provider knows it', () => {
    expect(read(body)).toBe(body);
    const types = ITEM_TYPES.map((type) => `'${type}'`).join(', ');
    const message = `Invalid value for 'input[1].type': expected one of ${types}, but got 'telepathy'.`;
    expect(() => refuseUnknownItem(body)).toThrow(
      new GatewayError('invalid_value', message, { param: 'input[1].type' }),
    );
    refuseUnknownItem(GOOD);
  });

  it('has no place in a conversation', () => {
    expect(() => atOnce(checkConversationItems([{ type: 'telepathy' }]))).toThrow("'items[0].type'");
  });
});

describe('a Responses request', () => {
  it('is taken with every field that there is', () => {
    const body = {
      model: 'm',
      input: [
        { role: 'user', content: 'Hi', phase: null },
        { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [outputText('Ho')] },
        { type: 'reasoning', id: 'rs_1', summary: [], content: null, encrypted_content: null, status: null },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}', id: null, namespace: null },
        { type: 'function_call_output', call_id: 'c1', output: [{ type: 'input_text', text: '1' }] },
        { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'x' },
        { type: 'custom_tool_call_output', call_id: 'c2', output: 'y' },
        { type: 'tool_search_call', execution: 'client', call_id: 'c3', arguments: { q: 1 } },
        { type: 'tool_search_output', call_id: 'c3', tools: [{ type: 'function', name: 'h' }] },
        { type: 'additional_tools', role: 'developer', tools: [{ type: 'custom', name: 'g' }] },
        { type: 'compaction', encrypted_content: 'x' },
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } },
        { id: 'rs_9' },
        { role: 'user', content: [{ type: 'input_image', image_url: 'https://a.example/b.png', detail: 'auto' }] },
      ],
      instructions: 'Be brief.',
      previous_response_id: 'resp_1',
      conversation: null,
      store: false,
      background: false,
      stream: true,
      stream_options: { include_obfuscation: false },
      max_output_tokens: 1,
      max_tool_calls: 1,
      temperature: 0,
      top_p: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      top_logprobs: 0,
      parallel_tool_calls: true,
      text: { format: { type: 'json_schema', name: 's', schema: {}, strict: null }, verbosity: 'low' },
      reasoning: { effort: 'max', summary: 'auto', context: 'current_turn', mode: 'pro' },
      include: ['reasoning.encrypted_content'],
      metadata: { a: 'b' },
      truncation: 'auto',
      context_management: [{ type: 'compaction', compact_threshold: 1000 }],
      service_tier: 'auto',
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] },
      tools: [
        { type: 'function', name: 'f', parameters: null, strict: null },
        { type: 'namespace', name: 'n', description: 'd', tools: [{ type: 'function', name: 'f' }] },
        { type: 'custom', name: 'g', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
        { type: 'tool_search', execution: 'client', parameters: {} },
        { type: 'web_search', external_web_access: false },
        { type: 'computer_use_preview' },
      ],
      fallbacks: ['n'],
      client_metadata: { a: 1 },
    };
    expect(read(body)).toBe(body);
  });

  it('may leave out what it has elsewhere: the input with a parent, the model with a prompt', () => {
    expect(read({ model: 'm', previous_response_id: 'resp_1' })).toBeTruthy();
    expect(read({ model: 'm', input: [], conversation: { id: 'conv_1' } })).toBeTruthy();
    expect(read({ prompt: { id: 'pmpt_1' } })).toBeTruthy();
  });

  it('may have null for any field but the model', () => {
    const fields = [
      'instructions',
      'store',
      'stream',
      'tools',
      'tool_choice',
      'text',
      'reasoning',
      'metadata',
      'include',
    ];
    expect(read({ ...GOOD, ...Object.fromEntries(fields.map((field) => [field, null])) })).toBeTruthy();
  });

  const REFUSED: readonly (readonly [string, unknown, string | null, string, string])[] = [
    ['a list', [], null, 'invalid_type', 'Invalid request body: expected a JSON object, but got an array instead.'],
    [
      'no model',
      { input: 'x' },
      'model',
      'missing_required_parameter',
      "Missing required parameter: 'model'. Expected a string, the name of a model.",
    ],
    [
      'no input',
      { model: 'm', input: null },
      'input',
      'missing_required_parameter',
      "Missing required parameter: 'input'. Expected a string or an array of input items, or one of 'previous_response_id' and 'conversation'.",
    ],
    [
      'a number for input',
      { model: 'm', input: 3 },
      'input',
      'invalid_type',
      "Invalid type for 'input': expected a string or an array of input items, but got an integer instead.",
    ],
    [
      'an object for input',
      { model: 'm', input: {} },
      'input',
      'invalid_type',
      "Invalid type for 'input': expected a string or an array of input items, but got an object instead.",
    ],
    [
      'both kinds of state',
      { ...GOOD, previous_response_id: 'resp_1', conversation: 'conv_1' },
      'previous_response_id',
      'mutually_exclusive_parameters',
      "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of them.",
    ],
    [
      'an item that is none',
      withItem('x'),
      'input[1]',
      'invalid_type',
      "Invalid type for 'input[1]': expected an object, but got a string instead.",
    ],
    [
      'a message without a role',
      withItem({ type: 'message', content: 'x' }),
      'input[1].role',
      'missing_required_parameter',
      "Missing required parameter: 'input[1].role'. Expected one of 'user', 'assistant', 'system', 'developer'.",
    ],
    [
      'a part of an unknown type',
      withItem({ role: 'user', content: [{ type: 'text', text: 'x' }] }),
      'input[1].content[0].type',
      'invalid_value',
      "Invalid value for 'input[1].content[0].type': expected one of 'input_text', 'input_image', 'input_file', 'input_audio', 'output_text', 'refusal', 'computer_screenshot', but got 'text'.",
    ],
    [
      'a picture without an address',
      withItem({ role: 'user', content: [{ type: 'input_image' }] }),
      'input[1].content[0].image_url',
      'missing_required_parameter',
      "Missing required parameter: 'input[1].content[0].image_url'. Expected a string, or a file_id beside it.",
    ],
    [
      'a call without an id',
      withItem({ type: 'function_call', name: 'f', arguments: '{}' }),
      'input[1].call_id',
      'missing_required_parameter',
      "Missing required parameter: 'input[1].call_id'. Expected a string.",
    ],
    [
      'arguments that are no text',
      withItem({ type: 'function_call', call_id: 'c', name: 'f', arguments: {} }),
      'input[1].arguments',
      'invalid_type',
      "Invalid type for 'input[1].arguments': expected a string, but got an object instead.",
    ],
    [
      'an output that is an object',
      withItem({ type: 'function_call_output', call_id: 'c', output: {} }),
      'input[1].output',
      'invalid_type',
      "Invalid type for 'input[1].output': expected a string or an array of content parts, but got an object instead.",
    ],
    [
      'a wrong tool of an item',
      withItem({ type: 'additional_tools', tools: [{ type: 'function', name: 'a b' }] }),
      'input[1].tools[0].name',
      'invalid_value',
      "Invalid value for 'input[1].tools[0].name': expected 1 to 128 characters of a-z, A-Z, 0-9, underscore and dash, but got 'a b'.",
    ],
    [
      'a wrong tool of a namespace',
      withTool({ type: 'namespace', name: 'n', tools: [{ type: 'custom' }] }),
      'tools[0].tools[0].name',
      'missing_required_parameter',
      "Missing required parameter: 'tools[0].tools[0].name'. Expected a string.",
    ],
    [
      'a grammar of another syntax',
      withTool({ type: 'custom', name: 'g', format: { type: 'grammar', syntax: 'bnf', definition: 'x' } }),
      'tools[0].format.syntax',
      'invalid_value',
      "Invalid value for 'tools[0].format.syntax': expected one of 'lark', 'regex', but got 'bnf'.",
    ],
    [
      'no tokens',
      { ...GOOD, max_output_tokens: 0 },
      'max_output_tokens',
      'integer_below_min_value',
      "Invalid 'max_output_tokens': expected a value of at least 1, but got 0 instead.",
    ],
    [
      'the reasoning of a chat',
      { ...GOOD, reasoning: 'high' },
      'reasoning',
      'invalid_type',
      "Invalid type for 'reasoning': expected an object, but got a string instead.",
    ],
    [
      'an unknown form of the answer',
      { ...GOOD, text: { format: { type: 'yaml' } } },
      'text.format.type',
      'invalid_value',
      "Invalid value for 'text.format.type': expected one of 'text', 'json_object', 'json_schema', but got 'yaml'.",
    ],
    [
      'metadata that is no text',
      { ...GOOD, metadata: { a: 1 } },
      'metadata.a',
      'invalid_type',
      "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
    ],
    [
      'too much metadata',
      { ...GOOD, metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, 'v'])) },
      'metadata',
      'object_above_max_properties',
      "Invalid 'metadata': it has 17 pairs. Expected at most 16.",
    ],
    [
      'a long name in metadata',
      { ...GOOD, metadata: { [`${'k'.repeat(65)}`]: 'v' } },
      'metadata',
      'string_above_max_length',
      `Invalid 'metadata': the name '${'k'.repeat(65)}' has 65 characters. Expected at most 64.`,
    ],
    [
      'more items than anybody has',
      { ...GOOD, input: Array.from({ length: 50_001 }, () => 0) },
      'input',
      'array_above_max_length',
      "Invalid 'input': it has 50001 entries. Expected at most 50000.",
    ],
  ];

  it.each(REFUSED)('is refused with %s', (_, body, param, code, message) => {
    expect(refusalOf(body)).toEqual({ status: 400, type: 'invalid_request_error', param, code, message });
  });

  it('is refused with a text that is longer than any', () => {
    expect(refusalOf({ model: 'm', input: 'x'.repeat(10 * 1024 * 1024 + 1) })).toMatchObject({ param: 'input' });
  });

  it('gets 400 for every wrong type of every field, never a fault', () => {
    const fields = [
      ...['input', 'instructions', 'previous_response_id', 'conversation', 'store', 'background', 'stream', 'tools'],
      ...['stream_options', 'max_output_tokens', 'max_tool_calls', 'temperature', 'top_p', 'presence_penalty'],
      ...['frequency_penalty', 'top_logprobs', 'parallel_tool_calls', 'text', 'reasoning', 'include', 'metadata'],
      ...['truncation', 'context_management', 'prompt', 'service_tier', 'safety_identifier', 'user', 'fallbacks'],
      ...['prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'moderation', 'tool_choice', 'model'],
    ];
    const numbers = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty'];
    for (const field of fields) {
      for (const value of numbers.includes(field) ? [[[]]] : [[[]], 0.5]) {
        const { status, param } = refusalOf({ ...GOOD, [field]: value });
        expect([field, status]).toEqual([field, 400]);
        expect(param).toMatch(new RegExp(`^${field}`));
      }
    }
  });

  it.each(['constructor', '__proto__', 'toString'])('is refused with %s for a type, and takes it as a name', (name) => {
    expect(() => refuseUnknownItem(withItem({ type: name }))).toThrow("'input[1].type'");
    expect(refusalOf(withItem({ role: 'user', content: [{ type: name }] })).param).toBe('input[1].content[0].type');
    expect(read(withTool({ type: 'function', name }))).toBeTruthy();
  });

  it('is checked in steps where it is large', () => {
    const input = Array.from({ length: 5000 }, () => ({ role: 'user', content: 'x' }));
    expect([...checkResponsesBody({ model: 'm', input })]).toHaveLength(10);
  });
});

function outputText(text: string) {
  return { type: 'output_text', text, annotations: [] };
}

const requests = (loadRecordings() ?? []).filter(({ api, request }) => api === 'responses' && request !== null);

it.skipIf(requests.length === 0)('recorded requests are taken', () => {
  for (const { request } of requests) expect(read(request)).toBe(request);
});
