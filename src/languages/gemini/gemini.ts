import type { Dialect, DialectDependencies } from '../dialect.ts';
import { failureOf } from '../failure.ts';
import { withLegacyFunctions } from '../legacy-functions.ts';
import { toGeminiRequest } from './request.ts';
import { GeminiReader, readGeminiResponse } from './response.ts';

/** Google's native language, `generateContent`: thoughts, signatures, grounding and counts that its OpenAI layer lacks. */
export function createGeminiDialect(dependencies: DialectDependencies): Dialect {
  return withLegacyFunctions({
    request: (chat, facts) => toGeminiRequest(chat, facts, dependencies.signatures),
    stream: (chat) => new GeminiReader(chat, dependencies),
    response: (body, chat) => readGeminiResponse(body, chat, dependencies),
    failure: failureOf,
  });
}
