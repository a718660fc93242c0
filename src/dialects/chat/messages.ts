import type { ChatRequest, Message } from '../../protocol/chat.ts';
import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';

/** What carries Gemini's thought signatures through OpenAI's shapes: no other provider may see them. */
const SIGNATURE_FIELDS = ['extra_content', 'provider_specific_fields'];
/** LiteLLM hides a signature behind the id of a tool call. */
const SIGNATURE_IN_ID = '__thought__';

/**
 * The history as another provider may see it: without thought signatures and without the given
 * response-only fields. Messages that need no change are passed on as they are.
 */
export function cleanMessages(messages: ChatRequest['messages'], unwelcome: readonly string[]): readonly Message[] {
  const fields = [...SIGNATURE_FIELDS, ...unwelcome];
  return messages.map((message) => {
    if (message.role === 'assistant') return cleanAssistant(message, fields);
    if (message.role === 'tool') return { ...message, tool_call_id: plainCallId(message.tool_call_id) };
    return message;
  });
}

/** The id of a tool call without the signature that some clients append. */
export function plainCallId(id: string): string {
  const at = id.indexOf(SIGNATURE_IN_ID);
  return at < 0 ? id : id.slice(0, at);
}

/** The signature that LiteLLM's clients append to the id of a tool call. */
export function signatureInId(id: string): string | null {
  const at = id.indexOf(SIGNATURE_IN_ID);
  return at < 0 ? null : id.slice(at + SIGNATURE_IN_ID.length);
}

function cleanAssistant<T extends Message>(message: T, fields: readonly string[]): T {
  const cleaned = without(message, fields);
  const calls = recordsOf(message['tool_calls']);
  if (calls.length === 0) return cleaned as T;
  return { ...cleaned, tool_calls: calls.map(cleanCall) } as T;
}

function cleanCall(call: JsonRecord): JsonRecord {
  return { ...without(call, SIGNATURE_FIELDS), id: plainCallId(stringOf(call['id']) ?? '') };
}

function without(record: JsonRecord, fields: readonly string[]): JsonRecord {
  if (!fields.some((field) => field in record)) return record;
  return Object.fromEntries(Object.entries(record).filter(([key]) => !fields.includes(key)));
}
