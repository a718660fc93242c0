import type { JsonRecord } from '../../protocol/json.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import type { Adapted, JsonBody, ModelFacts } from '../dialect.ts';
import { type ForeignWishes, fitToChat } from './upstream-foreign.ts';
import { cleanHistory, type HistoryForm } from './upstream-history.ts';
import { toChatMessages } from './upstream-messages.ts';
import { sayParameters, toToolFields } from './upstream-parameters.ts';
import { CHAT_PARAMETERS } from './words.ts';

/** What differs between servers that speak OpenAI's chat completions. */
export interface ChatVariant {
  /** Default: everything that is no thought signature comes back as it was. */
  readonly history?: HistoryForm;
  /** Adjusts the body to what the model accepts, and names what it left out. */
  readonly adapt?: (body: JsonBody, facts: ModelFacts) => Adapted;
  /** True for a server that takes tools alone, and none of OpenAI's old functions. */
  readonly wantsTools?: boolean;
  /** The server's name in the configuration, where it shows raw thoughts and may want them back; else its thoughts are summaries. */
  readonly thinker?: string;
  /** What it takes of requests that were not asked as a chat. Default: functions, and no more. */
  readonly foreign?: ForeignWishes;
}

const FUNCTIONS_ALONE: ForeignWishes = { customTools: false, search: null, thoughts: false };

const ANY_HISTORY: HistoryForm = { unwelcomeFields: [], maxCallIdChars: Number.POSITIVE_INFINITY };

/**
 * A request in chat's words with the provider's model id. A chat keeps the fields of its client as they came, those that
 * the house has no word for as well. Usage is always asked for: the gateway counts it.
 */
export function toChatRequest(asked: ModelRequest, facts: ModelFacts, variant: ChatVariant): Adapted {
  const { history = ANY_HISTORY, wantsTools = false, thinker = null, foreign = FUNCTIONS_ALONE } = variant;
  const isChat = asked.origin.language === 'chat';
  const { request, dropped: unsaid } = isChat ? { request: asked, dropped: [] } : fitToChat(asked, foreign);
  const messages = cleanHistory(toChatMessages(request, { wantsTools, thinker }), history);
  const body = withUsage({ ...toChatFields(request, wantsTools), model: facts.upstream, messages }, request);
  const { body: fitted, dropped } = variant.adapt?.(body, facts) ?? { body, dropped: [] };
  return { body: fitted, dropped: isChat ? dropped : [...new Set([...unsaid, ...inWordsOf(request, dropped)])] };
}

/** A chat's own fields, but for what was changed of the request since. */
function toChatFields(request: ModelRequest, wantsTools: boolean): JsonRecord {
  if (request.origin.language !== 'chat') return sayParameters(request);
  const { fallbacks: _, ...fields } = request.origin.body;
  const limited = withLimit(fields, request.maxOutputTokens);
  if (!wantsTools || !(fields['functions'] || fields['function_call'])) return limited;
  const { functions: __, function_call: ___, ...newer } = limited;
  return { ...newer, ...toToolFields(request) };
}

/** Another limit than the client's: a part of the answer has been given, or there is not the money for more. */
function withLimit(fields: JsonRecord, limit: number | null): JsonRecord {
  const { max_tokens: older, max_completion_tokens: newer } = fields;
  if (limit === null || (newer ?? older) === limit) return fields;
  return {
    ...fields,
    ...(older ? { max_tokens: limit } : {}),
    ...(newer ? { max_completion_tokens: limit } : {}),
    ...(older || newer ? {} : { max_tokens: limit }),
  };
}

function withUsage(body: JsonRecord, { isStream, streamOptions }: ModelRequest): JsonBody {
  if (isStream) return { ...body, stream_options: { ...streamOptions, include_usage: true } };
  if (!('stream_options' in body)) return body;
  const { stream_options: _, ...rest } = body;
  return rest;
}

/** What was left out is named as its client calls it. */
function inWordsOf({ origin }: ModelRequest, dropped: readonly string[]): readonly string[] {
  return dropped.map((name) => {
    const parameter = name === 'reasoning.max_tokens' ? 'reasoningBudget' : CHAT_PARAMETERS.get(name);
    return parameter ? origin.paramOf(parameter) : name;
  });
}
