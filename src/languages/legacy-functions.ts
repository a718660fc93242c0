import type { ChatRequest, Message, Tool } from '../protocol/chat.ts';
import type { ChunkDelta, Delta } from '../protocol/delta.ts';
import { isRecord, type JsonRecord, recordsOf, stringOf } from '../protocol/json.ts';
import type { Dialect, StreamReader } from './dialect.ts';

/**
 * A dialect that takes OpenAI's old `functions` and `function_call` where the provider only takes tools: the request
 * is said in the words of tools, and whoever asked in the old words is answered in them.
 */
export function withLegacyFunctions(dialect: Dialect): Dialect {
  return withLegacyAnswers({
    ...dialect,
    request: (chat, facts) => dialect.request(toTools(chat), facts),
    stream: (chat, facts) => dialect.stream(toTools(chat), facts),
    response: (body, chat, facts) => dialect.response(body, toTools(chat), facts),
  });
}

/** The answers alone, for a dialect that reads old functions as tools by itself. */
export function withLegacyAnswers(dialect: Dialect): Dialect {
  return {
    ...dialect,
    stream(chat, facts) {
      const reader = dialect.stream(chat, facts);
      return isAskedInOldWords(chat) ? toLegacyReader(reader) : reader;
    },
    response(body, chat, facts) {
      const deltas = dialect.response(body, chat, facts);
      return isAskedInOldWords(chat) ? deltas.map(toLegacy) : deltas;
    },
  };
}

/** Whether the request declares functions in the old words. */
export function isAskedInOldWords(chat: ChatRequest): boolean {
  return recordsOf(chat['functions']).length > 0;
}

function toTools(chat: ChatRequest): ChatRequest {
  if (!isInOldWords(chat)) return chat;
  const { functions, function_call: choice, ...rest } = chat;
  const messages = toToolMessages(chat.messages);
  if (!isAskedInOldWords(chat)) return { ...rest, messages };
  const tools = recordsOf(functions).map((declared) => ({ type: 'function', function: declared }) as Tool);
  return {
    ...rest,
    messages,
    tools: [...(chat.tools ?? []), ...tools],
    // The old answer has room for one call.
    parallel_tool_calls: false,
    ...(choice ? { tool_choice: toToolChoice(choice) } : {}),
  };
}

/** Hardly anybody does: the request is then the same, and nothing of it is copied. */
function isInOldWords(chat: ChatRequest): boolean {
  const isOld = ({ role, function_call: call }: Message): boolean => role === 'function' || isRecord(call);
  return chat['functions'] !== undefined || chat['function_call'] !== undefined || chat.messages.some(isOld);
}

function toToolChoice(choice: unknown): NonNullable<ChatRequest['tool_choice']> {
  if (isRecord(choice)) return { type: 'function', function: { name: choice['name'] } };
  return choice as 'auto' | 'none';
}

/** Old calls have no id: each gets its place as one, and the result that follows refers to it. */
function toToolMessages(messages: readonly Message[]): Message[] {
  let id = 'call_0';
  return messages.map((message, index) => {
    if (message.role === 'function') return { role: 'tool', tool_call_id: id, content: message.content ?? '' };
    if (message.role !== 'assistant' || !isRecord(message['function_call'])) return message;
    id = `call_${index}`;
    const { function_call: call, ...rest } = message;
    return { ...rest, tool_calls: [{ id, type: 'function', function: toFunction(call as JsonRecord) }] };
  });
}

function toFunction(call: JsonRecord): { name: string; arguments: string } {
  return { name: stringOf(call['name']) ?? '', arguments: stringOf(call['arguments']) ?? '' };
}

function toLegacyReader(reader: StreamReader): StreamReader {
  return {
    read: (event) => reader.read(event).map(toLegacy),
    end: () => reader.end().map(toLegacy),
    isFinished: () => reader.isFinished(),
    isDone: () => reader.isDone(),
  };
}

function toLegacy(delta: Delta): Delta {
  if (delta.type !== 'choice') return delta;
  const { tool_calls: calls, ...rest } = delta.delta;
  const call = calls?.find(({ index }) => index === 0)?.function;
  const piece: ChunkDelta = call ? { ...rest, function_call: call } : rest;
  return { ...delta, delta: piece, finish: delta.finish === 'tool_calls' ? 'function_call' : delta.finish };
}
