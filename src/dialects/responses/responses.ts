import { type ChatRequest, functionsOf } from '../../protocol/chat.ts';
import type { Adapted } from '../chat/chat.ts';
import type { Dialect, ModelFacts, NewId } from '../dialect.ts';
import { failureOf } from '../failure.ts';
import type { AnswerOptions } from './answer.ts';
import { readResponsesResponse } from './response.ts';
import { createResponsesReader } from './stream.ts';

/** What differs between servers that speak OpenAI's Responses. */
export interface ResponsesVariant {
  readonly path: string;
  /** Says the request in the server's own words, and names what it has no words for. */
  readonly toBody: (chat: ChatRequest, facts: ModelFacts) => Adapted;
  /** True where `function_call` items may be steps of the server itself (Perplexity's `search_web`). */
  readonly hasOwnFunctions: boolean;
}

/** OpenAI's newer language: for OpenAI's own and for Perplexity's Agent API. */
export function createResponsesDialect(variant: ResponsesVariant, newId: NewId): Dialect {
  const optionsFor = (chat: ChatRequest): AnswerOptions => ({
    newId,
    functions: variant.hasOwnFunctions ? functionsOf(chat).map(({ name }) => name) : null,
  });
  return {
    request: (chat, facts) => ({ path: variant.path, ...variant.toBody(chat, facts) }),
    stream: (chat) => createResponsesReader(optionsFor(chat)),
    response: (body, chat) => readResponsesResponse(body, optionsFor(chat)),
    failure: failureOf,
  };
}
