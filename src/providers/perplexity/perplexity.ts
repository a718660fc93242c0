import { readChatResponse } from '../../languages/chat/upstream-answer.ts';
import { ChatReader } from '../../languages/chat/upstream-reader.ts';
import type { Dialect, NewId, StreamReader } from '../../languages/dialect.ts';
import { createResponsesDialect } from '../../languages/responses/responses.ts';
import { parseJson, recordOf } from '../../protocol/json.ts';
import { bearer, type ProviderKind } from '../provider.ts';
import { toAgentRequest } from './request.ts';

/** Perplexity's Agent API, which replaced its chat API in September 2026. */
export const perplexity: ProviderKind = {
  baseUrl: 'https://api.perplexity.ai/v1',
  needsKey: true,
  authHeaders: bearer,
  createDialect({ newId }) {
    const agent = createResponsesDialect({ path: '/agent', toBody: toAgentRequest, hasOwnFunctions: true }, newId);
    const dialect = withFormerAnswers(agent, newId);
    return () => dialect;
  },
  openai: { path: '', authHeaders: bearer },
  models: {},
};

/** Some hosts take the new request and still answer in the shape of the former chat API: the first event tells. */
function withFormerAnswers(agent: Dialect, newId: NewId): Dialect {
  return {
    ...agent,
    stream(request, facts) {
      let reader: StreamReader | null = null;
      return {
        read(event) {
          reader ??= isChatShaped(parseJson(event)) ? new ChatReader(newId) : agent.stream(request, facts);
          return reader.read(event);
        },
        end: () => reader?.end() ?? [],
        isFinished: () => reader?.isFinished() ?? false,
        isDone: () => reader?.isDone() ?? false,
      };
    },
    response: (body, request, facts) =>
      isChatShaped(body) ? readChatResponse(body, newId) : agent.response(body, request, facts),
  };
}

function isChatShaped(value: unknown): boolean {
  return Array.isArray(recordOf(value)['choices']);
}
