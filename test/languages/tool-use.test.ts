import { describe, expect, it } from 'vitest';
import { createChatDialect } from '../../src/languages/chat/chat.ts';
import { createCompletion } from '../../src/languages/chat/client-completion.ts';
import type { Dialect, ModelFacts } from '../../src/languages/dialect.ts';
import { createGeminiDialect } from '../../src/languages/gemini/gemini.ts';
import { createSignatureStore } from '../../src/languages/gemini/signature-store.ts';
import { createResponsesDialect } from '../../src/languages/responses/responses.ts';
import { toResponsesRequest } from '../../src/languages/responses/upstream-request.ts';
import { recordOf } from '../../src/protocol/json.ts';
import { requestOf } from '../support/asked.ts';

const CHAT = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] };
const FACTS: ModelFacts = {
  model: 'm',
  upstream: 'm',
  capabilities: null,
  contextWindow: null,
  maxOutputTokens: null,
  reasoningEfforts: null,
  toolsEndpoint: null,
};
const newId = (): string => 'call_1';
const responses = createResponsesDialect(
  { path: '/responses', toBody: toResponsesRequest, hasOwnFunctions: false },
  newId,
);
const gemini = createGeminiDialect({ newId, signatures: createSignatureStore() });

/** What the usage of a whole answer says of the provider's own tools, and the same as sent to the client. */
function toolUse(dialect: Dialect, body: object): { read: unknown; sent: unknown } {
  const deltas = dialect.response(body, requestOf(CHAT), FACTS);
  const usage = deltas.findLast((delta) => delta.type === 'usage')?.usage;
  const completion = createCompletion();
  completion.add(deltas);
  const sent = recordOf(completion.toBody({ id: 'chatcmpl-1', created: 1, model: 'm' }))['usage'];
  return { read: usage?.server_tool_use_details, sent: recordOf(sent)['server_tool_use_details'] };
}

const SEARCH = { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'tides' } };
const TEXT = {
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'Low at 9.', annotations: [] }],
};

describe('usage of provider-side tools (for the cost; the OpenAI schema has no place for it)', () => {
  it('is read from the output of OpenAI: web searches, not the pages opened after them', () => {
    const opened = {
      type: 'web_search_call',
      status: 'completed',
      action: { type: 'open_page', url: 'https://a.example' },
    };
    const output = [SEARCH, opened, SEARCH, { type: 'file_search_call', status: 'completed' }, TEXT];
    const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
    const body = { object: 'response', status: 'completed', output, usage };
    const read = { web_search_requests: 2, file_search_requests: 1 };
    expect(toolUse(responses, body)).toEqual({ read, sent: undefined });
  });

  it('is read from the web search queries of a Google answer', () => {
    const candidate = {
      content: { parts: [{ text: 'Low at 9.' }], role: 'model' },
      finishReason: 'STOP',
      groundingMetadata: { webSearchQueries: ['tides', 'low water'] },
    };
    const body = { candidates: [candidate], usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 3 } };
    expect(toolUse(gemini, body)).toEqual({ read: { web_search_requests: 2 }, sent: undefined });
  });

  it('is read from the usage of OpenRouter', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 3, server_tool_use_details: { web_search_requests: 1 } };
    const choices = [{ index: 0, message: { role: 'assistant', content: 'Low at 9.' }, finish_reason: 'stop' }];
    const chat = createChatDialect({}, newId);
    expect(toolUse(chat, { choices, usage })).toEqual({ read: { web_search_requests: 1 }, sent: undefined });
  });
});
