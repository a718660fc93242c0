import { isRecord, type JsonRecord, numberOf, recordOf, stringOf } from '../../protocol/json.ts';
import type { ModelParameter, ReasoningWish } from '../../protocol/model-request.ts';

/** OpenAI's chat, OpenRouter's and Perplexity's words for the parameters of a request. */
export const CHAT_PARAMETERS: ReadonlyMap<string, ModelParameter> = new Map<string, ModelParameter>([
  ['model', 'model'],
  ['messages', 'messages'],
  ['fallbacks', 'fallbacks'],
  ['stream', 'stream'],
  ['stream_options', 'stream'],
  ['max_tokens', 'maxOutputTokens'],
  ['max_completion_tokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['presence_penalty', 'presencePenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['n', 'choiceCount'],
  ['seed', 'seed'],
  ['stop', 'stop'],
  ['logprobs', 'logprobs'],
  ['top_logprobs', 'topLogprobs'],
  ['logit_bias', 'logitBias'],
  ['tools', 'tools'],
  ['functions', 'tools'],
  ['tool_choice', 'toolChoice'],
  ['function_call', 'toolChoice'],
  ['parallel_tool_calls', 'parallelToolCalls'],
  ['web_search_options', 'search'],
  ['disable_search', 'search'],
  ['response_format', 'outputFormat'],
  ['verbosity', 'verbosity'],
  ['reasoning', 'reasoning'],
  ['reasoning_effort', 'reasoning'],
  ['include_reasoning', 'reasoningText'],
  ['modalities', 'modalities'],
  ['audio', 'audio'],
  ['service_tier', 'serviceTier'],
  ['store', 'store'],
  ['user', 'user'],
  ['metadata', 'metadata'],
]);

/** Where clients keep Gemini's thought signatures in OpenAI's shapes: no other provider may see them. */
export const SIGNATURE_FIELDS = ['extra_content', 'provider_specific_fields', 'thought_signature'];
/** LiteLLM hides a signature behind the id of a tool call. */
const SIGNATURE_IN_ID = '__thought__';

/** The id of a tool call without the signature that some clients append. */
export function plainCallId(id: string): string {
  const at = id.indexOf(SIGNATURE_IN_ID);
  return at < 0 ? id : id.slice(0, at);
}

/** The signature that LiteLLM's clients append to the id of a tool call. */
export function signatureInId(id: string): string | null {
  const at = id.indexOf(SIGNATURE_IN_ID);
  return at < 0 ? null : id.slice(at + SIGNATURE_IN_ID.length);
}

/** For most requests, which say nothing of it. */
const NO_WISH: ReasoningWish = { effort: null, budget: null, wantsText: null, summary: null, names: [] };

/** Reads `reasoning_effort`, `reasoning` (`effort`, `max_tokens`, `enabled`, `exclude`) and `include_reasoning`. */
export function readReasoning(chat: JsonRecord): ReasoningWish {
  const { reasoning, include_reasoning: includes } = chat;
  const ownEffort = stringOf(chat['reasoning_effort']);
  if (ownEffort === null && reasoning === undefined && includes === undefined) return NO_WISH;
  const details = recordOf(reasoning);
  const isOff = details['enabled'] === false || reasoning === false;
  const effort = ownEffort ?? stringOf(details['effort']) ?? (isOff ? 'none' : null);
  const isAsked = (isRecord(reasoning) || reasoning === true) && !isOff && effort !== 'none';
  const hides = details['exclude'] === true || includes === false;
  const names = [
    ...(ownEffort && ownEffort !== 'none' ? ['reasoning_effort'] : []),
    ...(isAsked ? ['reasoning'] : []),
    ...(includes === true ? ['include_reasoning'] : []),
  ];
  const wantsText = hides ? false : isAsked || includes === true || null;
  return { effort, budget: numberOf(details['max_tokens']), wantsText, summary: stringOf(details['summary']), names };
}
