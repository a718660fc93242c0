import { isRecord, type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import type { Message } from './schema.ts';
import { plainCallId, SIGNATURE_FIELDS } from './words.ts';

/** How a server wants the history. */
export interface HistoryForm {
  /** Response-only fields of assistant messages that it would refuse when they come back. */
  readonly unwelcomeFields: readonly string[];
  readonly maxCallIdChars: number;
}

/** The history as another provider may see it, without thought signatures. Messages that need no change stay as they are. */
export function cleanHistory(messages: readonly Message[], form: HistoryForm): readonly Message[] {
  return messages.map((message) => {
    if (message.role === 'assistant') return cleanAssistant(message, form);
    if (message.role !== 'tool') return message;
    return { ...message, tool_call_id: fitCallId(message.tool_call_id, form.maxCallIdChars) };
  });
}

const DIGEST_CHARS = 8;

/** The plain id, as long as a server takes it: what is cut off is told by a digest, so that ids stay different. */
export function fitCallId(id: string, maxChars: number): string {
  const plain = plainCallId(id);
  return plain.length <= maxChars ? plain : plain.slice(0, maxChars - DIGEST_CHARS) + digestOf(plain);
}

/** FNV-1a of 32 bits in hexadecimal. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(DIGEST_CHARS, '0');
}

function cleanAssistant<T extends Message>(message: T, form: HistoryForm): T {
  const cleaned = without(message, [...SIGNATURE_FIELDS, ...form.unwelcomeFields]);
  const calls = recordsOf(message['tool_calls']);
  if (calls.length === 0) return cleaned as T;
  return { ...cleaned, tool_calls: calls.map((call) => cleanCall(call, form)) } as T;
}

function cleanCall(call: JsonRecord, form: HistoryForm): JsonRecord {
  const id = fitCallId(stringOf(call['id']) ?? '', form.maxCallIdChars);
  const body = isRecord(call['function']) ? { function: without(call['function'], SIGNATURE_FIELDS) } : {};
  return { ...without(call, SIGNATURE_FIELDS), id, ...body };
}

function without(record: JsonRecord, fields: readonly string[]): JsonRecord {
  if (!fields.some((field) => field in record)) return record;
  return Object.fromEntries(Object.entries(record).filter(([key]) => !fields.includes(key)));
}
