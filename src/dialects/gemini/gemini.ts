import type { Dialect } from '../dialect.ts';
import { failureOf } from '../failure.ts';
import { withLegacyFunctions } from '../legacy-functions.ts';
import { toGeminiRequest } from './request.ts';
import { GeminiReader, type GeminiWorld, readGeminiResponse } from './response.ts';

/** Google's native language, `generateContent`: thoughts, signatures, grounding and counts that its OpenAI layer lacks. */
export function createGeminiDialect(world: GeminiWorld): Dialect {
  return withLegacyFunctions({
    request: (chat, facts) => toGeminiRequest(chat, facts, world.signatures),
    stream: (chat) => new GeminiReader(chat, world),
    response: (body, chat) => readGeminiResponse(body, chat, world),
    failure: failureOf,
  });
}
