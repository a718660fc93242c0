import type { ChatRequest } from '../../protocol/chat.ts';
import type { Dialect, JsonBody, ModelFacts, NewId } from '../dialect.ts';
import { failureOf } from '../failure.ts';
import { cleanMessages, type HistoryForm } from './messages.ts';
import { readChatResponse } from './response.ts';
import { ChatReader } from './stream.ts';

/** What differs between servers that speak OpenAI's chat completions. */
export interface ChatVariant {
  /** Default: everything that is no thought signature comes back as it was. */
  readonly history?: HistoryForm;
  /** Adjusts the body to what the model accepts, and names what it left out. */
  readonly adapt?: (body: JsonBody, facts: ModelFacts) => Adapted;
}

/** A body as the server takes it, and the client's parameters that were left out. */
export interface Adapted {
  readonly body: JsonBody;
  readonly dropped: readonly string[];
}

/** OpenAI's own language: for OpenAI, OpenRouter and every server that is compatible with them. */
export function createChatDialect(variant: ChatVariant, newId: NewId): Dialect {
  return {
    request(chat, facts) {
      const body = toBody(chat, facts, variant);
      const adapted = variant.adapt?.(body, facts) ?? { body, dropped: [] };
      return { path: '/chat/completions', body: adapted.body, dropped: adapted.dropped };
    },
    stream: () => new ChatReader(newId),
    response: (body) => readChatResponse(body, newId),
    failure: failureOf,
  };
}

const ANY_HISTORY: HistoryForm = { unwelcomeFields: [], maxCallIdChars: Number.POSITIVE_INFINITY };

/** The client's body with the provider's model id. Usage is always asked for: the gateway counts it. */
function toBody(chat: ChatRequest, facts: ModelFacts, variant: ChatVariant): JsonBody {
  const messages = cleanMessages(chat.messages, variant.history ?? ANY_HISTORY);
  const body = { ...withoutKey(chat, 'fallbacks'), model: facts.upstream, messages };
  if (!chat.stream) return withoutKey(body, 'stream_options');
  return { ...body, stream_options: { ...chat.stream_options, include_usage: true } };
}

/** A copy of the body without one key. */
function withoutKey(body: JsonBody, key: string): JsonBody {
  if (!(key in body)) return body;
  const { [key]: _, ...rest } = body;
  return rest;
}
