import type { ChatRequest } from '../../protocol/chat.ts';
import { isRecord, type JsonRecord, pickValues, recordOf, stringOf } from '../../protocol/json.ts';
import { readReasoning } from '../chat/words.ts';
import type { Adapted, ModelFacts } from '../dialect.ts';
import { createUnusedFields } from '../unused-fields.ts';
import { toInput } from './input.ts';
import { toResponsesTool, toResponsesToolChoice, toWebSearchTool } from './tools.ts';

/** Fields that chat and Responses have in common. */
const SHARED_FIELDS = [
  'metadata',
  'moderation',
  'parallel_tool_calls',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'stream',
  'temperature',
  'top_p',
  'truncation',
  'user',
];

/** Fields that are said in other words below. */
const TRANSLATED_FIELDS = [
  'disable_search',
  'include_reasoning',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'reasoning',
  'reasoning_effort',
  'response_format',
  'store',
  'stream_options',
  'tool_choice',
  'tools',
  'top_logprobs',
  'verbosity',
  'web_search_options',
];

const unusedFields = createUnusedFields([...SHARED_FIELDS, ...TRANSLATED_FIELDS]);

/** OpenAI refuses smaller limits. */
const MIN_OUTPUT_TOKENS = 16;

/** The request in OpenAI's Responses language; what it has no words for is named. */
export function toResponsesRequest(chat: ChatRequest, facts: ModelFacts): Adapted {
  const input = toInput(chat.messages, { parts: ['image_url', 'file'], isPlain: false, isSigned: false });
  const format = toTextFormat(chat.response_format);
  const body = {
    model: facts.upstream,
    input: input.items,
    ...pickValues(chat, SHARED_FIELDS),
    store: chat['store'] === true,
    ...toOutputLimit(chat),
    ...toToolFields(chat),
    ...toReasoning(chat),
    ...toLogprobs(chat),
    ...toText(format, chat.verbosity),
    ...toStreamOptions(chat),
  };
  const lost = unusedFields(chat);
  const isFormatLost = chat.response_format && format === null;
  return { body, dropped: [...lost, ...(isFormatLost ? ['response_format'] : []), ...input.dropped] };
}

/** The client's limit as `max_output_tokens`; tiny ones are raised to the smallest that is taken. */
export function toOutputLimit(chat: ChatRequest): JsonRecord {
  const limit = chat.max_completion_tokens ?? chat.max_tokens;
  return limit ? { max_output_tokens: Math.max(MIN_OUTPUT_TOKENS, limit) } : {};
}

function toToolFields(chat: ChatRequest): JsonRecord {
  const tools = (chat.tools ?? []).map(toResponsesTool);
  const search = chat['web_search_options'];
  if (isRecord(search) && chat['disable_search'] !== true) tools.push(toWebSearchTool(search));
  return {
    ...(tools.length > 0 ? { tools } : {}),
    ...(chat.tool_choice ? { tool_choice: toResponsesToolChoice(chat.tool_choice) } : {}),
  };
}

/** A summary only for clients that want to read one: OpenAI refuses it to organisations it has not verified. */
function toReasoning(chat: ChatRequest): JsonRecord {
  const { effort, wantsText } = readReasoning(chat);
  const summary = stringOf(recordOf(chat['reasoning'])['summary']) ?? 'auto';
  const reasoning = { ...(effort ? { effort } : {}), ...(wantsText && effort !== 'none' ? { summary } : {}) };
  return Object.keys(reasoning).length > 0 ? { reasoning } : {};
}

function toLogprobs({ logprobs, top_logprobs }: ChatRequest): JsonRecord {
  if (!logprobs) return {};
  return { include: ['message.output_text.logprobs'], ...(top_logprobs ? { top_logprobs } : {}) };
}

function toText(format: JsonRecord | null, verbosity: string | null | undefined): JsonRecord {
  const text = { ...(format ? { format } : {}), ...(verbosity ? { verbosity } : {}) };
  return Object.keys(text).length > 0 ? { text } : {};
}

function toTextFormat(format: ChatRequest['response_format']): JsonRecord | null {
  if (!format || format.type === 'grammar' || format.type === 'regex') return null;
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, schema, strict, description } = format.json_schema;
  return {
    type: 'json_schema',
    name,
    schema: schema ?? {},
    strict: strict ?? false,
    ...(description ? { description } : {}),
  };
}

/** Usage comes with every response; only the padding of its events can be chosen. */
function toStreamOptions(chat: ChatRequest): JsonRecord {
  const obfuscation = chat.stream_options?.['include_obfuscation'];
  return chat.stream && typeof obfuscation === 'boolean'
    ? { stream_options: { include_obfuscation: obfuscation } }
    : {};
}
