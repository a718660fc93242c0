import { toModelRequest } from '../chat-bridge.ts';
import type { Dialect, DialectDependencies } from '../dialect.ts';
import { failureOf } from '../failure.ts';
import { withLegacyAnswers } from '../legacy-functions.ts';
import { toGeminiRequest } from './request.ts';
import { GeminiReader, readGeminiResponse } from './response.ts';

/** Google's native language, `generateContent`: thoughts, signatures, grounding and counts that its OpenAI layer lacks. */
export function createGeminiDialect(dependencies: DialectDependencies): Dialect {
  return withLegacyAnswers({
    request: (chat, facts) => toGeminiRequest(toModelRequest(chat), facts, dependencies.signatures),
    stream: (chat) => new GeminiReader(toModelRequest(chat), dependencies),
    response: (body, chat) => readGeminiResponse(body, toModelRequest(chat), dependencies),
    failure: failureOf,
  });
}
