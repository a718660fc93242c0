import { isRecord, type JsonRecord, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import type {
  AnswerMessage,
  AnswerPart,
  CallPart,
  Carried,
  CarriedPart,
  InputPart,
  ModelMessage,
} from '../../protocol/model-message.ts';
import type { Steps } from '../../protocol/turns.ts';
import type { ChatRequest, ContentPart, Message, ToolCall } from './schema.ts';
import { plainCallId, signatureInId } from './words.ts';

/** Messages and parts that are read in one step. */
const ENTRIES_PER_STEP = 2000;

/** The messages of a chat in the house's words; old calls of functions become calls of tools. */
export function* readMessages(messages: ChatRequest['messages']): Steps<ModelMessage[]> {
  const read: ModelMessage[] = [];
  let entries = 0;
  // Old calls have no id: each gets its place as one, and the result that follows refers to it.
  let oldCallId = 'call_0';
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at] as Message;
    if (message.role === 'assistant' && isRecord(message['function_call'])) oldCallId = `call_${at}`;
    read.push(readMessage(message, at, oldCallId));
    entries += 1 + (message.content?.length ?? 0) * (typeof message.content === 'string' ? 0 : 1);
    if (entries < ENTRIES_PER_STEP) continue;
    entries = 0;
    yield;
  }
  return read;
}

function readMessage(message: Message, at: number, oldCallId: string): ModelMessage {
  const source: JsonRecord = message;
  switch (message.role) {
    case 'assistant':
      return readAnswer(message, at, oldCallId);
    case 'tool': {
      const callId = plainCallId(message.tool_call_id);
      return { role: 'tool', callId, content: readContent(message.content, at), at, source };
    }
    case 'function':
      return { role: 'tool', callId: oldCallId, content: readContent(message.content, at), at, source };
    default:
      return { role: message.role, content: readContent(message.content, at), at, source };
  }
}

function readContent(content: Message['content'], at: number): string | InputPart[] {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part, entry) => readPart(part, at, entry));
}

function readPart(part: ContentPart, at: number, entry: number): InputPart {
  const source: JsonRecord = part;
  const body = recordOf(source[part.type]);
  switch (part.type) {
    case 'text':
      return { type: 'text', text: stringOf(source['text']) ?? '', at, entry, source };
    case 'refusal':
      return { type: 'refusal', text: stringOf(source['refusal']) ?? '', at, entry, source };
    case 'image_url': {
      const [url, detail] = [stringOf(body['url']), stringOf(body['detail'])];
      return { type: 'image', url, fileId: null, detail, at, entry, source };
    }
    case 'video_url':
      return { type: 'video', url: stringOf(body['url']) ?? '', at, entry, source };
    case 'input_audio': {
      const [data, format] = [stringOf(body['data']) ?? '', stringOf(body['format']) ?? 'wav'];
      return { type: 'audio', data, format, at, entry, source };
    }
    case 'file': {
      const [data, fileId, name] = [stringOf(body['file_data']), stringOf(body['file_id']), stringOf(body['filename'])];
      return { type: 'file', data, url: null, fileId, name, at, entry, source };
    }
    default:
      return { type: 'other', kind: part.type, at, entry, source };
  }
}

type AssistantWords = Extract<Message, { role: 'assistant' }>;

/** Thoughts first, then words, then calls: a chat has no other order. */
function readAnswer(message: AssistantWords, at: number, oldCallId: string): AnswerMessage {
  const source: JsonRecord = message;
  const { content } = message;
  const calls = isRecord(source['function_call']) ? [] : (message.tool_calls ?? []);
  const before = readThoughts(source, at);
  const after = readCalls(source, calls, at, oldCallId);
  if (message.refusal) after.unshift({ type: 'refusal', text: message.refusal, at, entry: 0, source: null });
  if (typeof content === 'string' && before.length === 0 && after.length === 0) {
    return { role: 'assistant', content, at, source };
  }
  return { role: 'assistant', content: [...before, ...readWords(content, at), ...after], at, source };
}

function readWords(content: Message['content'], at: number): InputPart[] {
  if (typeof content !== 'string') return (content ?? []).map((part, entry) => readPart(part, at, entry));
  return content === '' ? [] : [{ type: 'text', text: content, at, entry: 0, source: null }];
}

/** Thoughts under either name; OpenRouter's details; and the signature of what was said. */
function readThoughts(source: JsonRecord, at: number): AnswerPart[] {
  const parts: AnswerPart[] = [];
  const text = stringOf(source['reasoning_content']) || stringOf(source['reasoning']);
  if (text) parts.push({ type: 'reasoning', text, isSummary: false, maker: null, at, entry: 0, source: null });
  for (const detail of recordsOf(source['reasoning_details'])) parts.push(readDetail(detail, at));
  const signature = signatureOf(source);
  if (signature) parts.push({ type: 'carried', ...toCarried(signature), at, entry: 0, source: null });
  return parts;
}

function readDetail(detail: JsonRecord, at: number): CarriedPart {
  const provider = stringOf(detail['format']) ?? '';
  return { type: 'carried', provider, kind: 'reasoning-detail', data: detail, at, entry: 0, source: detail };
}

function readCalls(message: JsonRecord, calls: readonly ToolCall[], at: number, oldCallId: string): AnswerPart[] {
  const old = message['function_call'];
  if (!isRecord(old)) return calls.map((call, entry) => readCall(call, at, entry));
  const [name, args] = [stringOf(old['name']) ?? '', stringOf(old['arguments']) ?? ''];
  const at0 = { at, entry: 0, source: null };
  return [{ type: 'call', id: oldCallId, name, arguments: args, isCustom: false, carried: null, ...at0 }];
}

function readCall(call: ToolCall, at: number, entry: number): CallPart {
  const { custom, function: called } = call;
  const isCustom = Boolean(custom);
  // A function's name wins where a call has both.
  const name = called?.name ?? custom?.name ?? '';
  const args = custom ? custom.input : (called?.arguments ?? '');
  const signature = signatureOf(call) || signatureOf(recordOf(called)) || signatureInId(call.id);
  const carried = signature ? toCarried(signature) : null;
  return { type: 'call', id: plainCallId(call.id), name, arguments: args, isCustom, carried, at, entry, source: call };
}

/** Google's own field, LiteLLM's, and Portkey's. */
function signatureOf(holder: JsonRecord): string | null {
  const google = recordOf(recordOf(holder['extra_content'])['google']);
  const specific = recordOf(holder['provider_specific_fields']);
  return stringOf(google['thought_signature'] || specific['thought_signature'] || holder['thought_signature']);
}

function toCarried(data: string): Carried {
  return { provider: 'google', kind: 'thought-signature', data };
}
