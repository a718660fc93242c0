import type { Dialect, DialectDependencies } from '../dialect.ts';
import { failureOf } from '../failure.ts';
import { GeminiReader, readGeminiResponse } from './upstream-reader.ts';
import { toGeminiRequest } from './upstream-request.ts';

/** Google's native language, `generateContent`: thoughts, signatures, grounding and counts that its OpenAI layer lacks. */
export function createGeminiDialect(dependencies: DialectDependencies): Dialect {
  return {
    request: (request, facts) => toGeminiRequest(request, facts, dependencies.signatures),
    stream: (request) => new GeminiReader(request, dependencies),
    response: (body, request) => readGeminiResponse(body, request, dependencies),
    failure: failureOf,
  };
}
