import { isRecord, type JsonRecord } from '../../protocol/json.ts';
import {
  type AnswerMessage,
  type AnswerPart,
  type CallPart,
  callsIn,
  type InputPart,
  type ModelMessage,
  partsIn,
} from '../../protocol/model-message.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import type { Message } from './schema.ts';

/**
 * The conversation in chat's words. A message of a chat stays as its client wrote it.
 * @param wantsTools says old calls of functions, and their results, as those of tools
 */
export function toChatMessages({ messages, origin }: ModelRequest, wantsTools: boolean): readonly Message[] {
  const isChat = origin.language === 'chat';
  return messages.map((message) => {
    const { source } = message;
    if (!isChat || source === null || (wantsTools && isInOldWords(source))) return toMessage(message);
    return source as Message;
  });
}

function isInOldWords({ role, function_call: call }: JsonRecord): boolean {
  return role === 'function' || isRecord(call);
}

function toMessage(message: ModelMessage): Message {
  switch (message.role) {
    case 'assistant':
      return toAssistant(message);
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, content: toContent(message.content) };
    default:
      return { role: message.role, content: toContent(message.content) };
  }
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
function toAssistant(message: AnswerMessage): Message {
  const parts = partsIn<AnswerPart>(message);
  const refusal = textOf(parts, 'refusal');
  const thoughts = parts.flatMap((part) => (part.type === 'reasoning' && !part.isSummary ? [part.text] : []));
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
