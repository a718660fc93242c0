import type { ModelParameter } from '../../protocol/model-request.ts';

/** OpenAI's words for the parameters of a response. */
export const RESPONSES_PARAMETERS: ReadonlyMap<string, ModelParameter> = new Map<string, ModelParameter>([
  ['model', 'model'],
  ['input', 'messages'],
  ['instructions', 'messages'],
  ['fallbacks', 'fallbacks'],
  ['stream', 'stream'],
  ['max_output_tokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['presence_penalty', 'presencePenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['top_logprobs', 'topLogprobs'],
  ['tools', 'tools'],
  ['tool_choice', 'toolChoice'],
  ['parallel_tool_calls', 'parallelToolCalls'],
  ['text.format', 'outputFormat'],
  ['text.verbosity', 'verbosity'],
  ['reasoning', 'reasoning'],
  ['reasoning.effort', 'reasoning'],
  ['reasoning.summary', 'reasoningText'],
  ['reasoning.generate_summary', 'reasoningText'],
  ['service_tier', 'serviceTier'],
  ['user', 'user'],
]);

/** Fields whose own fields are parameters, each for itself. */
export const PARAMETER_GROUPS: ReadonlySet<string> = new Set(['text', 'reasoning']);

/** What the gateway does itself, at every provider; no provider is asked for it. */
export const OWN_PARAMETERS: ReadonlySet<string> = new Set([
  'background',
  'context_management',
  'conversation',
  'include',
  'metadata',
  'previous_response_id',
  'reasoning.context',
  'store',
  'stream_options',
  'truncation',
]);

/** Whether `include` asks for the probabilities of the words: all else in it is about the form of the answer. */
export function wantsLogprobs(include: unknown): boolean {
  return Array.isArray(include) && include.includes('message.output_text.logprobs');
}
