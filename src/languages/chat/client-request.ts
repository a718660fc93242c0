import { isRecord, type JsonRecord } from '../../protocol/json.ts';
import type { ModelRequest, ModelTool, Sampling, SearchWish } from '../../protocol/model-request.ts';
import type { Steps } from '../../protocol/turns.ts';
import type { ClientRequest } from '../face.ts';
import { chatRequestSteps } from './client-check.ts';
import { readMessages } from './client-messages.ts';
import { ChatOrigin } from './client-origin.ts';
import { isInOldWords, readOutputFormat, readToolChoice, readTools } from './client-tools.ts';
import { createChatWriter } from './client-writer.ts';
import type { ChatRequest } from './schema.ts';
import { CHAT_PARAMETERS, readReasoning } from './words.ts';

/**
 * Reads the body of `POST /v1/chat/completions`, in steps for a large one.
 * @throws GatewayError 400 for the first thing that is wrong, in OpenAI's manner
 */
export function* readChatBody(body: unknown): Steps<ClientRequest> {
  const chat = yield* chatRequestSteps(body);
  const request = yield* readChatRequest(chat);
  const options = {
    isStream: request.isStream,
    includesUsage: chat.stream_options?.include_usage === true,
    isInOldWords: isInOldWords(chat),
  };
  return { request, createWriter: (identity) => createChatWriter(options, identity) };
}

/** A valid chat in the house's own words. */
function* readChatRequest(chat: ChatRequest): Steps<ModelRequest> {
  return {
    model: chat.model,
    fallbacks: chat.fallbacks ?? null,
    messages: yield* readMessages(chat.messages),
    isStream: chat.stream === true,
    streamOptions: chat.stream_options ?? null,

    tools: chat.tools || chat['functions'] ? readTools(chat) : NO_TOOLS,
    toolChoice: readToolChoice(chat),
    // The old answer has room for one call.
    parallelToolCalls: isInOldWords(chat) ? false : (chat.parallel_tool_calls ?? null),
    search: readSearch(chat),

    outputFormat: readOutputFormat(chat.response_format),
    verbosity: chat.verbosity ?? null,
    reasoning: readReasoning(chat),
    maxOutputTokens: chat.max_completion_tokens ?? chat.max_tokens ?? null,
    stop: chat.stop ?? null,
    choiceCount: chat.n ?? 1,
    forgetsOldest: false,
    logprobs: chat.logprobs === true,
    topLogprobs: chat.top_logprobs ?? null,
    modalities: Array.isArray(chat['modalities']) ? chat['modalities'] : null,
    audio: recordOrNull(chat['audio']),

    sampling: readSampling(chat),
    serviceTier: chat['service_tier'] ?? null,
    store: typeof chat['store'] === 'boolean' ? chat['store'] : null,
    user: chat.user ?? null,
    metadata: chat.metadata ?? null,
    extras: extrasOf(chat),
    origin: new ChatOrigin(chat),
  };
}

const NO_TOOLS: readonly ModelTool[] = Object.freeze([]);
const NO_SEARCH: SearchWish = { options: null, isForbidden: false };
const NO_EXTRAS: JsonRecord = Object.freeze({});

function readSampling(chat: ChatRequest): Sampling {
  return {
    temperature: chat.temperature ?? null,
    topP: chat.top_p ?? null,
    topK: chat.top_k ?? null,
    presencePenalty: chat.presence_penalty ?? null,
    frequencyPenalty: chat.frequency_penalty ?? null,
    seed: chat.seed ?? null,
    logitBias: chat.logit_bias ?? null,
  };
}

function readSearch(chat: JsonRecord): SearchWish {
  const { web_search_options: options, disable_search: disabled } = chat;
  if (options === undefined && disabled === undefined) return NO_SEARCH;
  return { options: recordOrNull(options), isForbidden: disabled === true };
}

function recordOrNull(value: unknown): JsonRecord | null {
  return isRecord(value) ? value : null;
}

function extrasOf(chat: JsonRecord): JsonRecord {
  const names = Object.keys(chat).filter((name) => !CHAT_PARAMETERS.has(name));
  return names.length === 0 ? NO_EXTRAS : Object.fromEntries(names.map((name) => [name, chat[name]]));
}
