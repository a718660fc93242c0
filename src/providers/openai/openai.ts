import { createChatDialect } from '../../languages/chat/chat.ts';
import type { HistoryForm } from '../../languages/chat/messages.ts';
import { readReasoning } from '../../languages/chat/words.ts';
import type { ModelFacts } from '../../languages/dialect.ts';
import { isAskedInOldWords, withLegacyFunctions } from '../../languages/legacy-functions.ts';
import { toResponsesRequest } from '../../languages/responses/request.ts';
import { createResponsesDialect } from '../../languages/responses/responses.ts';
import type { ChatRequest } from '../../protocol/chat.ts';
import { bearer, type ProviderKind } from '../provider.ts';
import { isReasoningModel, isResponsesOnly, isSearchModel, wantsToolsAtResponses } from './models.ts';
import { fitChatParameters, fitParameters } from './parameters.ts';

/** What the gateway or other providers put into messages, and OpenAI refuses when it comes back. */
const HISTORY: HistoryForm = {
  unwelcomeFields: ['annotations', 'images', 'reasoning', 'reasoning_content', 'reasoning_details'],
  maxCallIdChars: 40,
};

/** OpenAI itself: chat completions, and Responses for what is served only there: newer models' tools, search, thoughts. */
export const openai: ProviderKind = {
  baseUrl: 'https://api.openai.com/v1',
  needsKey: true,
  authHeaders: bearer,
  createDialect({ newId }) {
    const chat = createChatDialect({ history: HISTORY, adapt: fitChatParameters }, newId);
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
  if (isResponsesOnly(facts.upstream)) return true;
  const { effort, wantsText } = readReasoning(chat);
  const wantsSearch = Boolean(chat['web_search_options']) && !isSearchModel(facts.upstream);
  if (isReasoningModel(facts.upstream) && (wantsText || wantsSearch)) return true;
  const tools = chat.tools ?? [];
  // Chat completions knows two types of tools, Responses those that OpenAI runs itself, too.
  if (tools.some(({ type }) => type !== 'function' && type !== 'custom')) return true;
  return (tools.length > 0 || isAskedInOldWords(chat)) && wantsToolsAtResponses(facts, effort);
}
