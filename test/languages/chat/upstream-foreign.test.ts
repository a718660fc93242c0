import { describe, expect, it } from 'vitest';
import type { ForeignWishes } from '../../../src/languages/chat/upstream-foreign.ts';
import { toChatRequest } from '../../../src/languages/chat/upstream-request.ts';
import { withEmulatedTools } from '../../../src/languages/emulated-tools.ts';
import { createSignatureStore } from '../../../src/languages/gemini/signature-store.ts';
import { toGeminiRequest } from '../../../src/languages/gemini/upstream-request.ts';
import type { JsonRecord } from '../../../src/protocol/json.ts';
import { toAgentRequest } from '../../../src/providers/perplexity/request.ts';
import { responsesRequestOf } from '../../support/asked.ts';
import { FACTS } from '../../support/replay.ts';

const FUNCTION = { type: 'function', name: 'f', parameters: { type: 'object' } };
const PATCH = {
  type: 'custom',
  name: 'patch',
  description: 'Edits files.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' },
};
const PLUGIN: ForeignWishes = { customTools: false, search: 'plugin', thoughts: true };

/** What Codex sends, by and large. */
const ASKED = {
  input: [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'Hello' },
    { type: 'custom_tool_call', call_id: 'c1', name: 'patch', input: 'say "a"' },
    { type: 'custom_tool_call_output', call_id: 'c1', output: 'done' },
  ],
  tools: [FUNCTION, PATCH, { type: 'web_search', external_web_access: false }, { type: 'image_generation' }],
  tool_choice: 'auto',
  reasoning: { effort: 'medium', summary: 'auto' },
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: 'k',
  store: false,
  stream: true,
  client_metadata: { a: 1 },
  max_tool_calls: 3,
};

function said(fields: object, foreign?: ForeignWishes) {
  const { body, dropped } = toChatRequest(responsesRequestOf(fields), FACTS, foreign ? { foreign } : {});
  return { body: body as JsonRecord, dropped };
}

describe('a response that is asked of a server of chats', () => {
  it('has the fields of a chat and no others; what is left out is named', () => {
    const { body, dropped } = said(ASKED);
    expect(Object.keys(body).sort()).toEqual([
      ...['messages', 'model', 'prompt_cache_key', 'reasoning_effort', 'stream', 'stream_options'],
      ...['tool_choice', 'tools'],
    ]);
    expect(body['stream_options']).toEqual({ include_usage: true });
    expect(dropped).toEqual(['client_metadata', 'max_tool_calls', 'tools.web_search', 'tools.image_generation']);
  });

  it('has its custom tools as functions with one text, their calls as well', () => {
    const { body } = said(ASKED);
    const parameters = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };
    expect(body['tools']).toMatchObject([
      { function: { name: 'f' } },
      {
        type: 'function',
        function: {
          name: 'patch',
          description: 'Edits files.\n\nThe input must follow this lark grammar:\nstart: "a"',
          parameters,
        },
      },
    ]);
    expect((body['messages'] as JsonRecord[])[2]).toMatchObject({
      tool_calls: [{ type: 'function', function: { name: 'patch', arguments: '{"input":"say \\"a\\""}' } }],
    });
  });

  it('keeps them where the server knows custom tools', () => {
    const { body } = said(ASKED, { customTools: true, search: null, thoughts: true });
    expect((body['tools'] as JsonRecord[])[1]).toMatchObject({ type: 'custom', custom: { name: 'patch' } });
  });

  it('searches as the server does, and no other way', () => {
    const search = { tools: [{ type: 'web_search', search_context_size: 'low' }], tool_choice: { type: 'web_search' } };
    expect(said(search, PLUGIN)).toMatchObject({
      body: { plugins: [{ id: 'web' }] },
      dropped: ['tools.web_search.search_context_size'],
    });
    const options = said(search, { ...PLUGIN, search: 'options' });
    expect(options).toMatchObject({ body: { web_search_options: { search_context_size: 'low' } }, dropped: [] });
    expect(said({ tools: search.tools })).toMatchObject({ dropped: ['tools.web_search'] });
    expect(() => said(search)).toThrow(/^Invalid value for 'tool_choice': it demands 'web_search'/);
    const other = { ...search, tool_choice: { type: 'code_interpreter' } };
    expect(() => said(other, PLUGIN)).toThrow(/it demands 'code_interpreter'/);
  });

  it('asks for thoughts where they are shown to those who ask', () => {
    const wish = { reasoning: { effort: 'low', summary: 'auto' } };
    expect(said(wish, PLUGIN).body).toMatchObject({ reasoning_effort: 'low', include_reasoning: true });
    expect(said(wish).body).not.toHaveProperty('reasoning');
    expect(said(wish).body).not.toHaveProperty('include_reasoning');
  });

  it('has of its tools those that are allowed', () => {
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'custom', name: 'patch' }] };
    const { body } = said({ tools: [FUNCTION, PATCH], tool_choice: allowed });
    expect(body).toMatchObject({ tools: [{ function: { name: 'patch' } }], tool_choice: 'required' });
    const hosted = { ...allowed, tools: [{ type: 'mcp', server_label: 'x' }] };
    expect(() => said({ tools: [FUNCTION], tool_choice: hosted })).toThrow(/it demands 'mcp'/);
    const { body: none } = said({ tools: [FUNCTION], tool_choice: { ...hosted, mode: 'auto' } });
    expect(none).not.toHaveProperty('tools');
    expect(none).not.toHaveProperty('tool_choice');
  });

  it.each([
    ['required', [{ type: 'image_generation' }], /it demands 'image_generation'/],
    ['required', [], /it demands a tool, and none is declared/],
  ])('is refused where a tool is %s and the server has none', (choice, tools, message) => {
    expect(() => said({ tools, tool_choice: choice })).toThrow(message);
  });
});

it('custom tools are functions to Gemini, too, and hosted ones are named', () => {
  const request = withEmulatedTools(responsesRequestOf({ ...ASKED, tool_choice: { type: 'custom', name: 'patch' } }));
  const facts = { ...FACTS, upstream: 'gemini-3.5-flash' };
  const { body, dropped } = toGeminiRequest(request, facts, createSignatureStore());
  expect(body).toMatchObject({
    tools: [{ functionDeclarations: [{ name: 'f' }, { name: 'patch' }] }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['patch'] } },
  });
  expect(dropped).toEqual([
    'prompt_cache_key',
    'client_metadata',
    'max_tool_calls',
    'tools.web_search',
    'tools.image_generation',
  ]);
});

it("a search of kept pages alone is none of Perplexity's", () => {
  const { body, dropped } = toAgentRequest(responsesRequestOf(ASKED), { ...FACTS, upstream: 'openai/gpt-5.4' });
  expect((body['tools'] as JsonRecord[]).map(({ name }) => name)).toEqual(['f', 'patch']);
  expect(dropped).toContain('tools.web_search');
});
