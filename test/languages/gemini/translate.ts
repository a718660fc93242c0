import type { ChatRequest, Message } from '../../../src/languages/chat/schema.ts';
import type { ModelFacts, UpstreamRequest } from '../../../src/languages/dialect.ts';
import { createGeminiDialect } from '../../../src/languages/gemini/gemini.ts';
import { createSignatureStore } from '../../../src/languages/gemini/signature-store.ts';
import { GatewayError } from '../../../src/protocol/errors.ts';
import { type JsonRecord, recordOf } from '../../../src/protocol/json.ts';
import { requestOf } from '../../support/asked.ts';
import { CHAT, FACTS } from '../../support/replay.ts';

export const NEWEST = 'gemini-3.8-flash';
export const signatures = createSignatureStore();
const dialect = createGeminiDialect({ newId: () => 'call_new', signatures });

/** A chat with these fields in Gemini's language. */
export function translate(
  chat: Partial<ChatRequest>,
  upstream: string = NEWEST,
  facts: Partial<ModelFacts> = {},
): UpstreamRequest {
  return dialect.request(requestOf({ ...CHAT, ...chat }), { ...FACTS, ...facts, upstream });
}

export function contentsOf(messages: ChatRequest['messages'], upstream: string = NEWEST): unknown {
  return translate({ messages }, upstream).body['contents'];
}

export function configOf(
  chat: Partial<ChatRequest>,
  upstream: string = NEWEST,
  facts: Partial<ModelFacts> = {},
): { config: JsonRecord; dropped: readonly string[] } {
  const { body, dropped } = translate(chat, upstream, facts);
  return { config: recordOf(body['generationConfig']), dropped };
}

export function errorOf(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

export function user(content: string): Message {
  return { role: 'user', content };
}

export function assistant(content: string): Message {
  return { role: 'assistant', content };
}

export function tool(id: string, content: string): Message {
  return { role: 'tool', tool_call_id: id, content };
}

/** An entry of `tool_calls`. */
export function call(id: string, name = 'f', args = '{}', extra: object = {}) {
  return { id, type: 'function', function: { name, arguments: args }, ...extra };
}

export function calling(...calls: ReturnType<typeof call>[]): Message {
  return { role: 'assistant', content: null, tool_calls: calls };
}

/** An entry of `tools`. */
export function declare(name: string, more: object = {}) {
  return { type: 'function', function: { name, ...more } };
}
