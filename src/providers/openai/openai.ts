import { createChatDialect } from '../../languages/chat/chat.ts';
import type { ForeignWishes } from '../../languages/chat/upstream-foreign.ts';
import type { HistoryForm } from '../../languages/chat/upstream-history.ts';
import type { ModelFacts } from '../../languages/dialect.ts';
import { createNativeChoice, isNativeRequest } from '../../languages/responses/native.ts';
import { createResponsesDialect } from '../../languages/responses/responses.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import { bearer, type ProviderKind } from '../provider.ts';
import { isReasoningModel, isResponsesOnly, isSearchModel, wantsToolsAtResponses } from './models.ts';
import { fitChatParameters } from './parameters.ts';
import { toOpenaiResponses } from './responses-request.ts';

/** What the gateway or other providers put into messages, and OpenAI refuses when it comes back. */
const HISTORY: HistoryForm = {
  unwelcomeFields: ['annotations', 'images', 'reasoning', 'reasoning_content', 'reasoning_details'],
  maxCallIdChars: 40,
};

/** Its search is that of Responses, or of its search models. */
const FOREIGN: ForeignWishes = { customTools: true, search: 'options', thoughts: true };

/**
 * OpenAI itself: chat completions, and Responses for what is served only there (newer models' tools, search, thoughts) and
 * for clients that speak it.
 */
export const openai: ProviderKind = {
  baseUrl: 'https://api.openai.com/v1',
  needsKey: true,
  authHeaders: bearer,
  createDialect({ newId }, { name, hasResponses, keepsResponses }) {
    const chat = createChatDialect({ history: HISTORY, adapt: fitChatParameters, foreign: FOREIGN }, newId);
    const newerChat = createChatDialect(
      { history: HISTORY, adapt: fitChatParameters, foreign: FOREIGN, wantsTools: true },
      newId,
    );
    const variant = { path: '/responses', toBody: toOpenaiResponses, hasOwnFunctions: false };
    const responses = createResponsesDialect(variant, newId);
    const thinks = ({ upstream }: ModelFacts): boolean => isReasoningModel(upstream);
    const native = createNativeChoice({ provider: name, thinks }, keepsResponses, newId);
    return (request, facts) => {
      if (hasResponses !== false && isNativeRequest(request) && !isSearchModel(facts.upstream)) return native(request);
      if (needsResponses(request, facts)) return responses;
      return isReasoningModel(facts.upstream) ? newerChat : chat;
    };
  },
  openai: { path: '', authHeaders: bearer },
  models: {},
};

function needsResponses({ reasoning, search, tools }: ModelRequest, facts: ModelFacts): boolean {
  if (isResponsesOnly(facts.upstream)) return true;
  const { effort, wantsText } = reasoning;
  const wantsSearch = search.options !== null && !isSearchModel(facts.upstream);
  if (isReasoningModel(facts.upstream) && (wantsText || wantsSearch)) return true;
  // Chat completions knows two types of tools, Responses those that OpenAI runs itself, too.
  if (tools.some(({ type }) => type === 'other')) return true;
  return tools.length > 0 && wantsToolsAtResponses(facts, effort);
}
