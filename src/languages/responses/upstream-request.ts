import { type JsonRecord, pickValues } from '../../protocol/json.ts';
import type { ModelRequest, OutputFormat, ReasoningWish } from '../../protocol/model-request.ts';
import type { Adapted, ModelFacts } from '../dialect.ts';
import { DroppedParameters } from '../dropped-parameters.ts';
import { createUnsaidParameters } from '../unsaid-parameters.ts';
import { toInput } from './upstream-input.ts';
import { toResponsesTool, toResponsesToolChoice, toWebSearchTool } from './upstream-tools.ts';

/** Fields of OpenAI that the house has no word for. */
const SHARED_EXTRAS = [
  'moderation',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'truncation',
];

/** OpenAI refuses smaller limits. */
const MIN_OUTPUT_TOKENS = 16;

/** The request in OpenAI's Responses language; what it has no words for is named. */
export function toResponsesRequest(request: ModelRequest, facts: ModelFacts): Adapted {
  const { origin, outputFormat } = request;
  const dropped = new DroppedParameters(origin, unsaidParameters(request));
  if (outputFormat?.type === 'other') dropped.add('outputFormat');
  dropped.addNames(origin.askedInMessages());
  const body = {
    model: facts.upstream,
    input: toInput(request, { parts: ['image', 'file'], isPlain: false, isSigned: false }),
    ...toSharedFields(request),
    store: request.store === true,
    ...toOutputLimit(request),
    ...toToolFields(request),
    ...toReasoning(request.reasoning),
    ...toLogprobs(request),
    ...toText(request),
    ...toStreamOptions(request),
  };
  return { body, dropped: dropped.list() };
}

function toSharedFields(request: ModelRequest): JsonRecord {
  const { extras, sampling } = request;
  return {
    ...pickValues(extras, SHARED_EXTRAS),
    ...pickValues({
      metadata: request.metadata,
      parallel_tool_calls: request.parallelToolCalls,
      service_tier: request.serviceTier,
      stream: request.isStream || null,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      user: request.user,
    }),
  };
}

/** The client's limit as `max_output_tokens`; tiny ones are raised to the smallest that is taken. */
export function toOutputLimit({ maxOutputTokens }: ModelRequest): JsonRecord {
  return maxOutputTokens ? { max_output_tokens: Math.max(MIN_OUTPUT_TOKENS, maxOutputTokens) } : {};
}

function toToolFields({ tools, toolChoice, search }: ModelRequest): JsonRecord {
  const said = tools.map(toResponsesTool);
  if (search.options !== null && !search.isForbidden) said.push(toWebSearchTool(search.options));
  return {
    ...(said.length > 0 ? { tools: said } : {}),
    ...(toolChoice ? { tool_choice: toResponsesToolChoice(toolChoice) } : {}),
  };
}

/** A summary only for clients that want to read one: OpenAI refuses it to organisations it has not verified. */
function toReasoning({ effort, wantsText, summary }: ReasoningWish): JsonRecord {
  const reasoning = {
    ...(effort ? { effort } : {}),
    ...(wantsText && effort !== 'none' ? { summary: summary ?? 'auto' } : {}),
  };
  return Object.keys(reasoning).length > 0 ? { reasoning } : {};
}

function toLogprobs({ logprobs, topLogprobs }: ModelRequest): JsonRecord {
  if (!logprobs) return {};
  return { include: ['message.output_text.logprobs'], ...(topLogprobs ? { top_logprobs: topLogprobs } : {}) };
}

function toText({ outputFormat, verbosity }: ModelRequest): JsonRecord {
  const format = outputFormat && toTextFormat(outputFormat);
  const text = { ...(format ? { format } : {}), ...(verbosity ? { verbosity } : {}) };
  return Object.keys(text).length > 0 ? { text } : {};
}

function toTextFormat(format: OutputFormat): JsonRecord | null {
  if (format.type === 'other') return null;
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, schema, strict, description } = format;
  return {
    type: 'json_schema',
    name,
    schema: schema ?? {},
    strict: strict ?? false,
    ...(description ? { description } : {}),
  };
}

/** Usage comes with every response; only the padding of its events can be chosen. */
function toStreamOptions({ isStream, streamOptions }: ModelRequest): JsonRecord {
  const obfuscation = streamOptions?.['include_obfuscation'];
  return isStream && typeof obfuscation === 'boolean' ? { stream_options: { include_obfuscation: obfuscation } } : {};
}

const unsaidParameters = createUnsaidParameters({
  parameters: [
    ...(['stream', 'maxOutputTokens', 'temperature', 'topP', 'logprobs', 'topLogprobs'] as const),
    ...(['tools', 'toolChoice', 'parallelToolCalls', 'search', 'outputFormat', 'verbosity'] as const),
    ...(['reasoning', 'reasoningText', 'serviceTier', 'store', 'user', 'metadata'] as const),
  ],
  extras: SHARED_EXTRAS,
});
