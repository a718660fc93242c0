import { isRecord, type JsonRecord } from '../../protocol/json.ts';
import {
  type AnswerMessage,
  type AnswerPart,
  type CallPart,
  callsIn,
  type InputPart,
  type ModelMessage,
  partsIn,
  type ReasoningPart,
} from '../../protocol/model-message.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import type { Message } from './schema.ts';

/** What decides how a conversation is said. */
interface MessageForm {
  /** Says old calls of functions, and their results, as those of tools. */
  readonly wantsTools: boolean;
  /** The server's name in the configuration, to which its own raw thoughts come back; null where none do. */
  readonly thinker: string | null;
}

/** The conversation in chat's words. A message of a chat stays as its client wrote it. */
export function toChatMessages({ messages, origin }: ModelRequest, form: MessageForm): readonly Message[] {
  const isChat = origin.language === 'chat';
  const turn = messages.findLastIndex(({ role }) => role === 'user');
  return messages.map((message, at) => {
    const { source } = message;
    if (isChat && source !== null && !(form.wantsTools && isInOldWords(source))) return source as Message;
    if (message.role !== 'assistant') return toMessage(message);
    // DeepSeek wants its thoughts back between its calls, and refuses or forgets those before the user's last words.
    return toAssistant(message, ({ maker }) => maker === null || (maker === form.thinker && at > turn));
  });
}

function isInOldWords({ role, function_call: call }: JsonRecord): boolean {
  return role === 'function' || isRecord(call);
}

function toMessage(message: Exclude<ModelMessage, AnswerMessage>): Message {
  const content = toContent(message.content);
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content };
  return { role: message.role, content };
}

type ChatContent = string | (JsonRecord & { type: string })[];

/** One text is a plain one: many servers that are compatible take no parts, least of all in the results of tools. */
function toContent(content: string | readonly InputPart[]): ChatContent {
  if (typeof content === 'string') return content;
  const [first] = content;
  if (first === undefined) return '';
  return content.length === 1 && first.type === 'text' ? first.text : content.map(toPart);
}

function toPart(part: InputPart): JsonRecord & { type: string } {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'image':
      if (part.url === null) return { type: 'file', file: { file_id: part.fileId } };
      return { type: 'image_url', image_url: { url: part.url, ...(part.detail ? { detail: part.detail } : {}) } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    case 'video':
      return { type: 'video_url', video_url: { url: part.url } };
    case 'file':
      return { type: 'file', file: toFile(part) };
    case 'other':
      return { ...part.source, type: part.kind };
    default:
      return part satisfies never;
  }
}

/** OpenRouter takes an address where OpenAI wants the bytes. */
function toFile({ data, url, fileId, name }: Extract<InputPart, { type: 'file' }>): JsonRecord {
  const bytes = data ?? url;
  return {
    ...(bytes === null ? {} : { file_data: bytes }),
    ...(fileId === null ? {} : { file_id: fileId }),
    ...(name === null ? {} : { filename: name }),
  };
}

/** An answer has one text beside its thoughts and its calls; a host that wants its chain of thoughts back gets no summary. */
function toAssistant(message: AnswerMessage, isWanted: (thought: ReasoningPart) => boolean): Message {
  const parts = partsIn<AnswerPart>(message);
  const refusal = textOf(parts, 'refusal');
  const thoughts = parts.flatMap((part) =>
    part.type === 'reasoning' && !part.isSummary && isWanted(part) ? [part.text] : [],
  );
  const details = parts.flatMap((part) =>
    part.type === 'carried' && part.kind === 'reasoning-detail' ? [part.data] : [],
  );
  const calls = callsIn(message);
  return {
    role: 'assistant',
    content: toSpoken(parts, refusal !== '' || calls.length > 0),
    ...(refusal === '' ? {} : { refusal }),
    ...(thoughts.length === 0 ? {} : { reasoning_content: thoughts.join('\n') }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(toCall) }),
  };
}

function textOf(parts: readonly AnswerPart[], type: 'text' | 'refusal'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('');
}

/** @param saysMore whether the message says something beside its content: then it may have none */
function toSpoken(parts: readonly AnswerPart[], saysMore: boolean): ChatContent | null {
  const spoken = parts.filter(isSpoken);
  if (spoken.some(({ type }) => type !== 'text')) return spoken.map(toPart);
  return textOf(spoken, 'text') || (saysMore ? null : '');
}

function isSpoken(part: AnswerPart): part is Exclude<InputPart, { type: 'refusal' }> {
  return part.type !== 'refusal' && part.type !== 'reasoning' && part.type !== 'call' && part.type !== 'carried';
}

function toCall({ id, name, arguments: args, isCustom }: CallPart): JsonRecord & { id: string } {
  if (isCustom) return { id, type: 'custom', custom: { name, input: args } };
  return { id, type: 'function', function: { name, arguments: args } };
}
