import type { Dialect, NewId } from '../dialect.ts';
import { failureOf } from '../failure.ts';
import { readChatResponse } from './upstream-answer.ts';
import { ChatReader } from './upstream-reader.ts';
import { type ChatVariant, toChatRequest } from './upstream-request.ts';

/** OpenAI's own language: for OpenAI, OpenRouter and every server that is compatible with them. */
export function createChatDialect(variant: ChatVariant, newId: NewId): Dialect {
  return {
    thoughts: variant.thinker === undefined ? 'summary' : 'raw',
    request: (request, facts) => ({ path: '/chat/completions', ...toChatRequest(request, facts, variant) }),
    stream: () => new ChatReader(newId),
    response: (body) => readChatResponse(body, newId),
    failure: failureOf,
  };
}
