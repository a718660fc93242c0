import type { Dialect, DialectDependencies } from '../dialect.ts';
import { withEmulatedTools } from '../emulated-tools.ts';
import { failureOf } from '../failure.ts';
import { GeminiReader, readGeminiResponse } from './upstream-reader.ts';
import { toGeminiRequest } from './upstream-request.ts';

/** Google's native language, `generateContent`: thoughts, signatures, grounding and counts that its OpenAI layer lacks. */
export function createGeminiDialect(dependencies: DialectDependencies): Dialect {
  return {
    request: (request, facts) => toGeminiRequest(withEmulatedTools(request), facts, dependencies.signatures),
    stream: (request) => new GeminiReader(withEmulatedTools(request), dependencies),
    response: (body, request) => readGeminiResponse(body, withEmulatedTools(request), dependencies),
    failure: failureOf,
  };
}
