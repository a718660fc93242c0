import { expect, it } from 'vitest';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import { createSignatureStore } from '../../src/languages/gemini/signature-store.ts';
import { isRecord, type JsonRecord, recordsOf, stringOf } from '../../src/protocol/json.ts';
import { createProviderFactory } from '../../src/providers/index.ts';
import { createRegistry } from '../../src/routing/registry.ts';
import { createRescue } from '../../src/routing/rescue.ts';
import { requestOf } from '../support/asked.ts';
import { load } from '../support/config-files.ts';

const config = load(
  'providers:\n' +
    '  openai: { kind: openai, api_key: k }\n  openrouter: { kind: openrouter, api_key: k }\n' +
    '  perplexity: { kind: perplexity, api_key: k }\n  gemini: { kind: gemini, api_key: k }\n' +
    'models:\n  responses: { provider: openai, tools_endpoint: responses, capabilities: [tools, reasoning] }\n',
);
const factory = createProviderFactory({ newId: () => 'id', signatures: createSignatureStore() });
const registry = createRegistry(config, await factory.create(config));
const TOOLS = [
  { type: 'function' as const, function: { name: 'look', parameters: { type: 'object', properties: {} } } },
];

/** The roles of what is sent, and the text of the last three messages, whatever the language. */
function conversation(body: JsonRecord): { roles: unknown[]; texts: string[] } {
  const messages = recordsOf(body['messages'] ?? body['input'] ?? body['contents']);
  const texts = messages.slice(-3).map(({ content, parts }) => textIn(content ?? parts));
  return { roles: messages.map(({ role }) => role), texts };
}

function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  return recordsOf(Array.isArray(content) ? content : [])
    .map((part) => (isRecord(part) ? (stringOf(part['text']) ?? '') : ''))
    .join('');
}

it.each([
  ['openrouter/any', ['user', 'assistant', 'user']],
  ['openai/gpt-4o', ['user', 'assistant', 'user']],
  ['responses', ['user', 'assistant', 'user']],
  ['perplexity/sonar', ['user', 'assistant', 'user']],
  ['gemini/gemini-3.8-flash', ['user', 'model', 'user']],
])(
  'the continuation request of a rescue (mid-stream failover) is translated to the dialect of %s, in turns',
  (name, roles) => {
    const chat: ChatRequest = {
      model: name,
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      tools: TOOLS,
    };
    const [target] = registry.find(name).targets;
    if (!target) throw new Error('It has a target.');
    // An answer that the client had begun itself is one message with what was told.
    for (const begun of ['', 'Well: ']) {
      const messages = [...chat.messages, ...(begun ? [{ role: 'assistant' as const, content: begun }] : [])];
      const { request } = createRescue(requestOf({ ...chat, messages }), 'The sea is', ['continued', 'aligned']);
      const { body } = target.provider.chooseDialect(request, target.facts).request(request, target.facts);
      const sent = conversation(body);
      expect(sent.roles).toEqual(roles);
      expect(sent.texts).toEqual(['Hello', `${begun}The sea is`, expect.stringContaining('The sea is')]);
    }
  },
);
