import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/languages/chat/schema.ts';
import { recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { configOf, declare, errorOf, translate } from './translate.ts';

describe('tools of a Gemini request', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, additionalProperties: false };

  it('are in one object, without a JSON schema when they have no parameters', () => {
    const tools = [
      declare('f', { description: 'Does f.', parameters }),
      declare('g', { parameters: { type: 'object', properties: {} } }),
    ];
    expect(translate({ tools }).body['tools']).toEqual([
      {
        functionDeclarations: [{ name: 'f', description: 'Does f.', parametersJsonSchema: parameters }, { name: 'g' }],
      },
    ]);
  });

  it("have the JSON schema of Google's OpenAPI subset for models before 2.5", () => {
    const { body } = translate({ tools: [declare('f', { parameters })] }, 'gemini-2.0-flash');
    expect(body['tools']).toEqual([
      {
        functionDeclarations: [{ name: 'f', parameters: { type: 'object', properties: { city: { type: 'string' } } } }],
      },
    ]);
  });

  it('have names that Gemini allows, unique ones, in history too', () => {
    const tools = [declare('2fast'), declare('_2fast'), declare('-x')];
    const history: ChatRequest['messages'] = [
      { role: 'user', content: 'Go' },
      { role: 'assistant', tool_calls: [{ id: '1', type: 'function', function: { name: '2fast', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: '1', content: 'x' },
    ];
    const { body } = translate({ tools, messages: history });
    const declared = recordsOf(recordsOf(body['tools'])[0]?.['functionDeclarations']).map(({ name }) => name);
    expect(declared).toEqual(['__2fast', '_2fast', '_-x']);
    expect(JSON.stringify(body['contents'])).toContain('"name":"__2fast"');
  });

  const modeOf = (toolChoice: ChatRequest['tool_choice'], more: object = {}) => {
    const { body } = translate({ tools: [declare('f', more), declare('g')], tool_choice: toolChoice });
    return recordOf(body['toolConfig'])['functionCallingConfig'];
  };

  it.each([
    ['auto' as const, undefined],
    ['none' as const, { mode: 'NONE' }],
    ['required' as const, { mode: 'ANY' }],
    [
      { type: 'function', function: { name: 'g' } },
      { mode: 'ANY', allowedFunctionNames: ['g'] },
    ],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [declare('f')] } },
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [declare('f')] } },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
  ])('follow tool_choice %j', (choice, config) => {
    expect(modeOf(choice)).toEqual(config);
  });

  it('are validated when one is strict', () => {
    expect(modeOf('auto', { strict: true })).toEqual({ mode: 'VALIDATED' });
  });

  it('cannot be chosen by tool_choice unless they are declared', () => {
    expect(errorOf(() => modeOf({ type: 'function', function: { name: 'h' } }))).toMatchObject({
      status: 400,
      param: 'tool_choice',
    });
  });

  it('of other kinds are named as dropped', () => {
    const tools = [declare('f'), { type: 'custom', custom: { name: 'c' } }];
    expect(translate({ tools }).dropped).toEqual(['tools']);
  });

  it('may be deprecated functions', () => {
    const { body, dropped } = translate({ functions: [{ name: 'f', parameters }], function_call: { name: 'f' } });
    expect(body['tools']).toEqual([{ functionDeclarations: [{ name: 'f', parametersJsonSchema: parameters }] }]);
    expect(body['toolConfig']).toEqual({ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } });
    expect(dropped).toEqual([]);
  });

  it('include Google web search beside functions from Gemini 3 on', () => {
    const chat = { web_search_options: {}, tools: [declare('f')] };
    const { body } = translate(chat);
    expect(body['tools']).toEqual([{ functionDeclarations: [{ name: 'f' }] }, { googleSearch: {} }]);
    expect(body['toolConfig']).toEqual({ includeServerSideToolInvocations: true });
    const older = translate(chat, 'gemini-2.5-flash');
    expect(older.body['tools']).toEqual([{ functionDeclarations: [{ name: 'f' }] }]);
    expect(older.dropped).toEqual(['web_search_options']);
  });

  it('include Google web search without options, which are named as dropped', () => {
    const options = { search_context_size: 'high', user_location: { type: 'approximate' }, filters: null };
    const { body, dropped } = translate({ web_search_options: options });
    expect(body['tools']).toEqual([{ googleSearch: {} }]);
    expect(dropped).toEqual(['web_search_options.search_context_size', 'web_search_options.user_location']);
  });

  it('include no Google web search where search is turned off', () => {
    const { body, dropped } = translate({ web_search_options: { search_context_size: 'low' }, disable_search: true });
    expect(body).not.toHaveProperty('tools');
    expect(dropped).toEqual([]);
  });

  it('include the built-in tools of Google by name', () => {
    const tools = [{ type: 'url_context' }, { type: 'code_execution' }];
    expect(translate({ tools }).body['tools']).toEqual([{ urlContext: {} }, { codeExecution: {} }]);
  });
});

describe('response_format of a Gemini request', () => {
  const schema = { type: 'object', properties: { a: { const: 'x' } } };
  const response_format = { type: 'json_schema' as const, json_schema: { name: 'n', schema } };
  const fitted = { type: 'object', properties: { a: { type: 'string', enum: ['x'] } } };
  const json = { responseMimeType: 'application/json', responseJsonSchema: fitted };
  const tools = [declare('f', { strict: true })];

  it('is JSON with or without a JSON schema', () => {
    expect(configOf({ response_format }).config).toEqual(json);
    expect(configOf({ response_format: { type: 'json_object' } }).config).toEqual({
      responseMimeType: 'application/json',
    });
    expect(configOf({ response_format }, 'gemini-2.0-flash').config).toHaveProperty('responseSchema');
  });

  it('goes together with functions from Gemini 3 on, unless a tool call is forced', () => {
    const { body, dropped } = translate({ response_format, tools });
    expect(body['generationConfig']).toEqual(json);
    expect(body['toolConfig']).toBeUndefined();
    expect(dropped).toEqual([]);
    expect(configOf({ response_format, tools, tool_choice: 'required' })).toEqual({
      config: {},
      dropped: ['response_format'],
    });
  });

  it('gives way to functions before Gemini 3, unless tool_choice is none', () => {
    expect(configOf({ response_format, tools }, 'gemini-2.5-flash')).toEqual({
      config: {},
      dropped: ['response_format'],
    });
    const { body } = translate({ response_format, tools, tool_choice: 'none' }, 'gemini-2.5-flash');
    expect(body['generationConfig']).toEqual(json);
    expect(body['tools']).toBeUndefined();
  });
});

describe('the google fields of a request', () => {
  it('are passed on, with store: false', () => {
    const chat = {
      safety_settings: [{ category: 'C', threshold: 'T' }],
      cached_content: 'cachedContents/1',
      service_tier: 'flex',
    };
    expect(translate(chat)).toMatchObject({
      body: {
        safetySettings: chat.safety_settings,
        cachedContent: 'cachedContents/1',
        serviceTier: 'flex',
        store: false,
      },
      dropped: [],
    });
  });

  it('have no service_tier of other providers', () => {
    expect(translate({ service_tier: 'scale' }).dropped).toEqual(['service_tier']);
  });
});
