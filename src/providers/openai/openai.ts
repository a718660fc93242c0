import { createChatDialect } from '../../dialects/chat/chat.ts';
import type { ModelFacts } from '../../dialects/dialect.ts';
import { isAskedInOldWords, withLegacyFunctions } from '../../dialects/legacy-functions.ts';
import { toResponsesRequest } from '../../dialects/responses/request.ts';
import { createResponsesDialect } from '../../dialects/responses/responses.ts';
import type { ChatRequest } from '../../protocol/chat.ts';
import { bearer, type ProviderKind } from '../provider.ts';
import { isReasoningModel, isResponsesOnly, wantsToolsAtResponses } from './models.ts';
import { fitParameters } from './parameters.ts';

/** What the gateway or other providers put into messages, and OpenAI refuses when it comes back. */
const UNWELCOME_FIELDS = ['annotations', 'images', 'reasoning', 'reasoning_content', 'reasoning_details'];

/** OpenAI itself: chat completions, and Responses for what newer models take only there. */
export const openai: ProviderKind = {
  baseUrl: 'https://api.openai.com/v1',
  needsKey: true,
  authHeaders: bearer,
  createDialect({ newId }) {
    const chat = createChatDialect({ unwelcomeMessageFields: UNWELCOME_FIELDS, adapt: fitParameters }, newId);
    const modernChat = withLegacyFunctions(chat);
    const variant = { path: '/responses', toBody: toResponsesBody, hasOwnFunctions: false };
    const responses = withLegacyFunctions(createResponsesDialect(variant, newId));
    return (request, facts) => {
      if (needsResponses(request, facts)) return responses;
      return isReasoningModel(facts.upstream) ? modernChat : chat;
    };
  },
  openai: { path: '', authHeaders: bearer },
  models: {},
};

function toResponsesBody(chat: ChatRequest, facts: ModelFacts) {
  const fitted = fitParameters(chat, facts);
  const { body, dropped } = toResponsesRequest(fitted.body as ChatRequest, facts);
  return { body, dropped: [...fitted.dropped, ...dropped] };
}

function needsResponses(chat: ChatRequest, facts: ModelFacts): boolean {
  if (isResponsesOnly(facts.upstream) || wantsSearch(chat, facts)) return true;
  const hasTools = (chat.tools ?? []).length > 0 || isAskedInOldWords(chat);
  return hasTools && wantsToolsAtResponses(facts, chat.reasoning_effort ?? null);
}

/** Chat completions searches with its search models only; the others search with a tool of Responses. */
function wantsSearch(chat: ChatRequest, facts: ModelFacts): boolean {
  return Boolean(chat['web_search_options']) && isReasoningModel(facts.upstream);
}
