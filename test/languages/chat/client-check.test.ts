import { describe, expect, it } from 'vitest';
import { chatRequestSteps, parseChatRequest } from '../../../src/languages/chat/client-check.ts';
import { functionsOf, partsOf, textOf } from '../../../src/languages/chat/schema.ts';
import { GatewayError } from '../../../src/protocol/errors.ts';

const USER = { role: 'user', content: 'Hello' };
const GOOD = { model: 'm', messages: [USER] };

function refusalOf(body: unknown) {
  try {
    parseChatRequest(body);
  } catch (error) {
    if (error instanceof GatewayError) return { status: error.status, ...error.toBody().error };
    throw error;
  }
  throw new Error('The request was accepted.');
}

describe('parseChatRequest', () => {
  it('lets unknown fields, parts and tools of any provider through as they came', () => {
    const body = {
      ...GOOD,
      messages: [{ role: 'user', name: 'x', content: [{ type: 'video_url', video_url: { url: 'v' } }] }],
      tools: [{ type: 'web_search', depth: 3 }],
      provider: { sort: 'price' },
      seed: 2 ** 60,
    };
    expect(parseChatRequest(body)).toEqual(body);
  });

  it('takes null for any optional field', () => {
    const fields = ['stream', 'stream_options', 'max_tokens', 'temperature', 'stop', 'tools', 'tool_choice'];
    const body = { ...GOOD, ...Object.fromEntries(fields.map((field) => [field, null])) };
    expect(parseChatRequest(body)).toEqual(body);
  });

  it('takes an assistant message with tool calls and without content', () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const messages = [USER, { role: 'assistant', content: null, tool_calls: [call] }];
    expect(parseChatRequest({ ...GOOD, messages }).messages).toEqual(messages);
  });

  const REFUSED: readonly (readonly [string, unknown, string | null, string, string])[] = [
    [
      'a body that is no object',
      [],
      null,
      'invalid_type',
      'Invalid request body: expected a JSON object, but got an array instead.',
    ],
    [
      'no body',
      undefined,
      null,
      'invalid_type',
      'Invalid request body: expected a JSON object, but got nothing instead.',
    ],
    [
      'no messages',
      { model: 'm' },
      'messages',
      'missing_required_parameter',
      "Missing required parameter: 'messages'. Expected an array.",
    ],
    [
      'no model',
      { messages: [USER] },
      'model',
      'missing_required_parameter',
      "Missing required parameter: 'model'. Expected a string.",
    ],
    [
      'an empty model',
      { ...GOOD, model: '' },
      'model',
      'invalid_value',
      "Invalid value for 'model': expected a string of at least 1 character, but got ''.",
    ],
    [
      'empty messages',
      { ...GOOD, messages: [] },
      'messages',
      'empty_array',
      "Invalid 'messages': it is empty. Expected at least one entry.",
    ],
    [
      'a message that is no object',
      { ...GOOD, messages: ['Hi'] },
      'messages[0]',
      'invalid_type',
      "Invalid type for 'messages[0]': expected an object, but got a string instead.",
    ],
    [
      'a number for content',
      { ...GOOD, messages: [{ role: 'user', content: 3 }] },
      'messages[0].content',
      'invalid_type',
      "Invalid type for 'messages[0].content': expected a string or an array of content parts, but got an integer instead.",
    ],
    [
      'null content of a user',
      { ...GOOD, messages: [{ role: 'user', content: null }] },
      'messages[0].content',
      'invalid_type',
      "Invalid type for 'messages[0].content': expected a string or an array of content parts, but got null instead.",
    ],
    [
      'missing content',
      { ...GOOD, messages: [{ role: 'user' }] },
      'messages[0].content',
      'missing_required_parameter',
      "Missing required parameter: 'messages[0].content'. Expected a string or an array of content parts.",
    ],
    [
      'a text part without text',
      { ...GOOD, messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages[0].content[0].text',
      'missing_required_parameter',
      "Missing required parameter: 'messages[0].content[0].text'. Expected a string.",
    ],
    [
      'an unknown role',
      { ...GOOD, messages: [{ role: 'bot', content: 'x' }] },
      'messages[0].role',
      'invalid_value',
      "Invalid value for 'messages[0].role': expected one of 'developer', 'system', 'user', 'assistant', 'tool', 'function', but got 'bot'.",
    ],
    [
      'a missing role',
      { ...GOOD, messages: [{ content: 'x' }] },
      'messages[0].role',
      'missing_required_parameter',
      "Missing required parameter: 'messages[0].role'. Expected one of 'developer', 'system', 'user', 'assistant', 'tool', 'function'.",
    ],
    [
      'a temperature too high',
      { ...GOOD, temperature: 2.5 },
      'temperature',
      'decimal_above_max_value',
      "Invalid 'temperature': expected a value of at most 2, but got 2.5 instead.",
    ],
    [
      'a limit of no tokens',
      { ...GOOD, max_tokens: 0 },
      'max_tokens',
      'integer_below_min_value',
      "Invalid 'max_tokens': expected a value of at least 1, but got 0 instead.",
    ],
    [
      'half a token',
      { ...GOOD, max_tokens: 1.5 },
      'max_tokens',
      'invalid_type',
      "Invalid type for 'max_tokens': expected an integer, but got a decimal instead.",
    ],
    [
      'a number to stop at',
      { ...GOOD, stop: [1] },
      'stop[0]',
      'invalid_type',
      "Invalid type for 'stop[0]': expected a string, but got an integer instead.",
    ],
    [
      'a tool without a function',
      { ...GOOD, tools: [{ type: 'function' }] },
      'tools[0].function',
      'missing_required_parameter',
      "Missing required parameter: 'tools[0].function'. Expected an object.",
    ],
    [
      'a function name with a space',
      { ...GOOD, tools: [{ type: 'function', function: { name: 'a b' } }] },
      'tools[0].function.name',
      'invalid_value',
      "Invalid value for 'tools[0].function.name': expected 1 to 64 characters of a-z, A-Z, 0-9, underscore and dash, but got 'a b'.",
    ],
    [
      'an unknown response format',
      { ...GOOD, response_format: { type: 'yaml' } },
      'response_format.type',
      'invalid_value',
      "Invalid value for 'response_format.type': expected one of 'text', 'json_object', 'json_schema', 'grammar', 'regex', but got 'yaml'.",
    ],
    [
      'an unknown tool choice',
      { ...GOOD, tool_choice: 'maybe' },
      'tool_choice',
      'invalid_value',
      "Invalid value for 'tool_choice': expected 'none', 'auto', 'required' or an object that names a tool, but got 'maybe'.",
    ],
    [
      'stream options without a stream',
      { ...GOOD, stream_options: { include_usage: true } },
      'stream_options',
      'invalid_value',
      "Invalid value for 'stream_options': it is only allowed when 'stream' is true. Set 'stream' or leave it out.",
    ],
    [
      'a model name of more than 256 characters',
      { ...GOOD, model: 'm'.repeat(257) },
      'model',
      'invalid_value',
      `Invalid value for 'model': expected a string of at most 256 characters, but got '${'m'.repeat(100)}'.`,
    ],
    [
      'a model name with a line break',
      { ...GOOD, model: 'm\r\nx: y' },
      'model',
      'invalid_value',
      "Invalid value for 'model': expected a name without control characters, but got 'm\r\nx: y'.",
    ],
    [
      'half of a character in the name of a fallback',
      { ...GOOD, fallbacks: ['m', '\ud800'] },
      'fallbacks[1]',
      'invalid_value',
      "Invalid value for 'fallbacks[1]': expected a name without control characters, but got '\ud800'.",
    ],
    [
      'a bias that is no number',
      { ...GOOD, logit_bias: { '7': 1, '8': 'x' } },
      'logit_bias.8',
      'invalid_type',
      "Invalid type for 'logit_bias.8': expected a number, but got a string instead.",
    ],
    [
      'more messages than anybody has',
      { ...GOOD, messages: Array.from({ length: 50_001 }, () => 0) },
      'messages',
      'array_above_max_length',
      "Invalid 'messages': it has 50001 entries. Expected at most 50000.",
    ],
    [
      'more tools than anybody has',
      { ...GOOD, tools: Array.from({ length: 2001 }, () => 0) },
      'tools',
      'array_above_max_length',
      "Invalid 'tools': it has 2001 entries. Expected at most 2000.",
    ],
    [
      'more texts to stop at than anybody has',
      { ...GOOD, stop: Array.from({ length: 65 }, () => 'x') },
      'stop',
      'array_above_max_length',
      "Invalid 'stop': it has 65 entries. Expected at most 64.",
    ],
    [
      'more fallbacks than anybody has',
      { ...GOOD, fallbacks: Array.from({ length: 33 }, () => 'x') },
      'fallbacks',
      'array_above_max_length',
      "Invalid 'fallbacks': it has 33 entries. Expected at most 32.",
    ],
  ];

  it.each(REFUSED)('refuses %s', (_, body, param, code, message) => {
    expect(refusalOf(body)).toEqual({ status: 400, type: 'invalid_request_error', param, code, message });
  });

  it('takes names of any language, and as many entries as the limits allow', () => {
    const body = {
      ...GOOD,
      model: '模型-é',
      stop: Array.from({ length: 64 }, () => 'x'),
      fallbacks: Array.from({ length: 32 }, () => 'm'),
    };
    expect(parseChatRequest(body)).toEqual(body);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'takes %s for a plain name (no prototype pollution)',
    (name) => {
      const body = JSON.parse(`{
      "model": "${name}", "fallbacks": ["${name}"], "stop": "${name}", "reasoning_effort": "${name}",
      "metadata": { "${name}": "x" }, "${name}": 1, "tools": [{ "type": "${name}" }],
      "messages": [
        { "role": "user", "${name}": 1, "content": [{ "type": "${name}", "${name}": 1 }] },
        { "role": "assistant", "tool_calls": [{ "id": "1", "function": { "name": "${name}", "arguments": "{}" } }] }
      ]
    }`);
      const chat = parseChatRequest(body);
      expect(JSON.stringify(chat)).toBe(JSON.stringify(body));
      expect(Object.keys(chat)).toContain(name);
      expect(Object.getPrototypeOf(chat)).toBe(Object.prototype);
      expect(refusalOf({ ...GOOD, messages: [{ role: name, content: 'x' }] }).param).toBe('messages[0].role');
      expect(refusalOf({ ...GOOD, response_format: { type: name } }).param).toBe('response_format.type');
    },
  );

  it('validates a list up to the first invalid entry', () => {
    let looked = 0;
    const entry = () => Object.defineProperty({ role: 'user' }, 'content', { enumerable: true, get: () => ++looked });
    const wrong = { ...GOOD, messages: Array.from({ length: 10_000 }, entry) };
    expect(refusalOf(wrong).param).toBe('messages[0].content');
    expect(looked).toBeLessThan(20);
  });

  it('validates a large request in steps (event loop)', () => {
    const parts = Array.from({ length: 5000 }, () => ({ type: 'text', text: 'x' }));
    const steps = chatRequestSteps({ ...GOOD, messages: [{ role: 'user', content: parts }] });
    expect([...steps]).toHaveLength(10);
  });
});

describe('reading a chat request', () => {
  it('finds its functions and no other tools', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }, { type: 'web_search' }];
    expect(functionsOf(parseChatRequest({ ...GOOD, tools }))).toEqual([{ name: 'f' }]);
  });

  it('reads content in either form as text and as parts', () => {
    const parts = [
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'u' } },
      { type: 'refusal', refusal: 'b' },
    ];
    expect([textOf('a'), textOf(parts), textOf(null)]).toEqual(['a', 'ab', '']);
    expect([partsOf('a'), partsOf(''), partsOf(null)]).toEqual([[{ type: 'text', text: 'a' }], [], []]);
  });
});
