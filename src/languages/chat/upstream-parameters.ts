import { isRecord, type JsonRecord, pickValues } from '../../protocol/json.ts';
import type {
  FunctionTool,
  ModelRequest,
  ModelTool,
  ModelToolChoice,
  OutputFormat,
  ReasoningWish,
  ToolReference,
} from '../../protocol/model-request.ts';

/** What a request asks for beside its messages, in chat's words. */
export function sayParameters(request: ModelRequest): JsonRecord {
  const { sampling, choiceCount, maxOutputTokens, logprobs } = request;
  return {
    ...pickValues({
      stream: request.isStream || null,
      stream_options: request.streamOptions,
      max_tokens: maxOutputTokens,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_k: sampling.topK,
      presence_penalty: sampling.presencePenalty,
      frequency_penalty: sampling.frequencyPenalty,
      seed: sampling.seed,
      logit_bias: sampling.logitBias,
      stop: request.stop,
      n: choiceCount === 1 ? null : choiceCount,
      logprobs: logprobs || null,
      top_logprobs: request.topLogprobs,
      modalities: request.modalities,
      audio: request.audio,
      response_format: toResponseFormat(request.outputFormat),
      verbosity: request.verbosity,
      web_search_options: request.search.options,
      service_tier: request.serviceTier,
      store: request.store,
      user: request.user,
      metadata: request.metadata,
    }),
    ...toToolFields(request),
    ...toReasoning(request.reasoning),
    ...request.extras,
  };
}

/** The tools, and which of them may be called. */
export function toToolFields({ tools, toolChoice, parallelToolCalls }: ModelRequest): JsonRecord {
  return pickValues({
    tools: tools.length === 0 ? null : tools.map(toTool),
    tool_choice: toToolChoice(toolChoice),
    parallel_tool_calls: tools.length === 0 ? null : parallelToolCalls,
  });
}

function toTool(tool: ModelTool): JsonRecord {
  if (tool.type === 'other') return tool.source;
  // As its client wrote it, where that is a chat.
  if (isRecord(tool.source?.[tool.type])) return tool.source;
  if (tool.type === 'function') return { type: 'function', function: toFunction(tool) };
  const { name, description, format } = tool;
  return { type: 'custom', custom: pickValues({ name, description, format: format && toGrammar(format) }) };
}

function toFunction({ name, description, parameters, strict }: FunctionTool): JsonRecord {
  return pickValues({ name, description, parameters, strict });
}

/** Chat wraps what a grammar is; Responses does not. */
function toGrammar({ type, ...grammar }: JsonRecord): JsonRecord {
  return type === 'grammar' ? { type, grammar } : { type };
}

function toToolChoice(choice: ModelToolChoice | null): unknown {
  if (choice === null || typeof choice === 'string') return choice;
  if (choice.type !== 'allowed') return toReference(choice);
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: choice.tools.map(toReference) } };
}

function toReference({ type, name, source }: ToolReference): JsonRecord {
  return type === 'other' ? source : { type, [type]: { name } };
}

function toResponseFormat(format: OutputFormat | null): JsonRecord | null {
  if (format === null) return null;
  if (format.type === 'other') return format.source;
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, schema, strict, description } = format;
  return { type: 'json_schema', json_schema: pickValues({ name, schema, strict, description }) };
}

/** OpenAI's word for the effort, OpenRouter's for the rest. */
function toReasoning({ effort, budget, wantsText, summary }: ReasoningWish): JsonRecord {
  const details = pickValues({ max_tokens: budget, exclude: wantsText === false ? true : null, summary });
  return {
    ...pickValues({ reasoning_effort: effort, include_reasoning: wantsText || null }),
    ...(Object.keys(details).length === 0 ? {} : { reasoning: details }),
  };
}
