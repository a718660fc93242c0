import type { ChatRequest } from '../../protocol/chat.ts';
import { type JsonRecord, recordOf } from '../../protocol/json.ts';
import { createTextParser } from '../../protocol/json-budget.ts';
import type { ModelFacts, UpstreamRequest } from '../dialect.ts';
import { createUnusedFields, unusedMessageFields } from '../unused-fields.ts';
import { toGenerationConfig, toResponseFormat } from './config.ts';
import { toContents, toSystemInstruction } from './conversation.ts';
import { createFunctionNames } from './names.ts';
import { createGrowth } from './schema-parts.ts';
import type { SignatureStore } from './signature-store.ts';
import { toThinkingConfig } from './thinking.ts';
import { type Dropped, type GeminiTools, type Spending, toGeminiTools } from './tools.ts';
import { type GeminiModel, readGeminiName } from './version.ts';

/**
 * A chat in Gemini's own language (`generateContent`, v1beta).
 * @throws GatewayError 400 for a history that Gemini has no form for
 */
export function toGeminiRequest(chat: ChatRequest, facts: ModelFacts, signatures: SignatureStore): UpstreamRequest {
  const model = readGeminiName(facts.upstream);
  const names = createFunctionNames(chat);
  const dropped: Dropped = new Set([...unusedFields(chat), ...unusedMessageFields(chat.messages)]);
  const growth = createGrowth();
  const vendor = readVendorFields(chat);
  const takesPrefill = facts.capabilities?.includes('prefill') ?? false;
  const { tools, toolConfig, format } = settle(chat, model, toGeminiTools(chat, model, names, { dropped, growth }), {
    dropped,
    growth,
  });
  const thinkingConfig = toThinkingConfig(chat, vendor.thinking, facts, model, dropped);
  const generationConfig = {
    ...toGenerationConfig(chat, model, dropped),
    ...format,
    ...(thinkingConfig ? { thinkingConfig } : {}),
  };
  const systemInstruction = toSystemInstruction(chat.messages);
  const body = {
    ...(systemInstruction ? { systemInstruction } : {}),
    contents: toContents(chat, { model, names, signatures, takesPrefill, parse: createTextParser() }),
    ...(tools.length > 0 ? { tools } : {}),
    ...(toolConfig ? { toolConfig } : {}),
    ...(Object.keys(generationConfig).length > 0 ? { generationConfig } : {}),
    ...toServiceTier(chat, dropped),
    ...vendor.body,
    // New paid projects keep prompts and answers unless they are told not to (since 2026-10-26).
    store: false,
  };
  return { path: toPath(facts.upstream, chat.stream === true), body, dropped: [...dropped] };
}

function toPath(upstream: string, isStream: boolean): string {
  const model = encodeURIComponent(upstream.replace(/^models\//, ''));
  return `/models/${model}:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
}

/** Functions and an answer in JSON exclude each other: always before 3.0, later when a call is forced. */
function settle(
  chat: ChatRequest,
  { version }: GeminiModel,
  asked: GeminiTools,
  { dropped, growth }: Spending,
): Pick<GeminiTools, 'tools' | 'toolConfig'> & { format: JsonRecord } {
  const format = toResponseFormat(chat, version, growth);
  const type = chat.response_format?.type;
  if (type === 'grammar' || type === 'regex') dropped.add('response_format');
  const { tools, toolConfig, mode } = asked;
  const wantsJson = Object.keys(format).length > 0;
  if (!wantsJson || tools.length === 0) return { tools, toolConfig, format };
  if (version >= 300 && mode !== 'ANY') return { tools, toolConfig: relaxed(toolConfig, mode), format };
  // Functions that must not be called are worth less than the form of the answer.
  if (version < 300 && mode === 'NONE') return { tools: [], toolConfig: null, format };
  dropped.add('response_format');
  return { tools, toolConfig, format: {} };
}

/** `strict` is the one reason for VALIDATED without names; beside a response schema only AUTO is known to work. */
function relaxed(toolConfig: JsonRecord | null, mode: GeminiTools['mode']): JsonRecord | null {
  if (toolConfig === null || mode !== 'VALIDATED') return toolConfig;
  const { functionCallingConfig, ...rest } = toolConfig;
  if ('allowedFunctionNames' in recordOf(functionCallingConfig)) return toolConfig;
  return Object.keys(rest).length > 0 ? rest : null;
}

function toServiceTier(chat: ChatRequest, dropped: Dropped): JsonRecord {
  const tier = chat['service_tier'] ?? 'auto';
  if (tier === 'flex' || tier === 'priority') return { serviceTier: tier };
  if (tier !== 'auto' && tier !== 'default') dropped.add('service_tier');
  return {};
}

/** Google's own fields travel as they came: at the top, or under `google` as its OpenAI layer takes them. */
function readVendorFields(chat: ChatRequest): { body: JsonRecord; thinking: JsonRecord } {
  const google = { ...recordOf(recordOf(chat['extra_body'])['google']), ...recordOf(chat['google']) };
  const safety = chat['safety_settings'] ?? google['safety_settings'];
  const cached = chat['cached_content'] ?? google['cached_content'];
  return {
    body: {
      ...(Array.isArray(safety) ? { safetySettings: safety } : {}),
      ...(typeof cached === 'string' ? { cachedContent: cached } : {}),
    },
    thinking: camelKeys(recordOf(google['thinking_config'])),
  };
}

/** Google reads both spellings, but not both at once. */
function camelKeys(record: JsonRecord): JsonRecord {
  const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [camel(key), value]));
}

/** Parameters that are translated, or mean something to the gateway alone. */
const unusedFields = createUnusedFields([
  ...['stream', 'stream_options', 'n', 'seed', 'stop', 'modalities', 'audio', 'max_tokens', 'max_completion_tokens'],
  ...['temperature', 'top_p', 'top_k', 'presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs'],
  ...['tools', 'tool_choice', 'parallel_tool_calls', 'response_format', 'service_tier'],
  ...['reasoning_effort', 'reasoning', 'include_reasoning', 'web_search_options', 'disable_search'],
  ...['safety_settings', 'cached_content', 'google', 'extra_body'],
]);
