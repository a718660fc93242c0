import type { Delta } from '../../protocol/delta.ts';
import { AttemptError, fail } from '../../protocol/failure.ts';
import { isRecord } from '../../protocol/json.ts';
import type { ModelRequest, ModelTool } from '../../protocol/model-request.ts';
import type { Adapted, Dialect, ModelFacts, NewId } from '../dialect.ts';
import { failureInside, failureOf } from '../failure.ts';
import { isServerTool, runsCode } from '../hosted-tools.ts';
import { type AnswerOptions, createResponsesAnswer } from './upstream-answer.ts';
import { createResponsesReader } from './upstream-reader.ts';

/** What differs between servers that speak OpenAI's Responses. */
export interface ResponsesVariant {
  readonly path: string;
  /** Says the request in the server's own words, and names what it has no words for. */
  readonly toBody: (request: ModelRequest, facts: ModelFacts) => Adapted;
  /** True where `function_call` items may be steps of the server itself (Perplexity's `search_web`). */
  readonly hasOwnFunctions: boolean;
  /** True where the answer goes to a client that speaks this language: then all of it is an answer. */
  readonly isNative?: boolean;
}

/** OpenAI's newer language: for OpenAI's own and for Perplexity's Agent API. */
export function createResponsesDialect(variant: ResponsesVariant, newId: NewId): Dialect {
  const { isNative = false } = variant;
  const optionsFor = (request: ModelRequest): AnswerOptions => ({
    newId,
    functions: variant.hasOwnFunctions ? request.tools.flatMap(namesOf) : null,
    isNative,
    isPutOff: request.origin.remote !== undefined && request.origin.body['background'] === true,
    runsCode: !isNative && runsCode(request),
    callsServers: !isNative && request.tools.some((tool) => isServerTool(tool, request)),
  });
  return {
    isNative,
    request: (request, facts) => ({ path: variant.path, ...variant.toBody(request, facts) }),
    stream: (request) => createResponsesReader(optionsFor(request)),
    response: (body, request) => readWhole(body, optionsFor(request)),
    failure: failureOf,
  };
}

/** Custom tools may have been said as functions. */
function namesOf(tool: ModelTool): string[] {
  return tool.type === 'other' ? [] : [tool.name];
}

/** Reads a whole `response` object. Throws `AttemptError` when it is none, has failed or is not finished. */
function readWhole(body: unknown, options: AnswerOptions): readonly Delta[] {
  if (!isRecord(body)) fail('server', 'The provider answered with JSON that is no object.');
  if (body['error']) throw new AttemptError(failureInside(body));
  if (!Array.isArray(body['output'])) fail('server', "The provider's answer has no output.");
  return createResponsesAnswer(options).finish(body);
}
