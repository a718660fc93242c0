import { type JsonRecord, recordOf } from '../../protocol/json.ts';
import { createTextParser } from '../../protocol/json-budget.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import type { ModelFacts, UpstreamRequest } from '../dialect.ts';
import { DroppedParameters } from '../dropped-parameters.ts';
import { createUnsaidParameters } from '../unsaid-parameters.ts';
import { isCodeExecution } from './built-in-tools.ts';
import { toGenerationConfig, toResponseFormat } from './config.ts';
import { toContents, toSystemInstruction } from './conversation.ts';
import { createFunctionNames } from './names.ts';
import { createGrowth } from './schema-parts.ts';
import type { SignatureStore } from './signature-store.ts';
import { toThinkingConfig } from './thinking.ts';
import { type GeminiTools, type Spending, toGeminiTools } from './tools.ts';
import { type GeminiModel, readGeminiName } from './version.ts';

/**
 * A chat in Gemini's own language (`generateContent`, v1beta).
 * @throws GatewayError 400 for a history that Gemini has no form for
 */
export function toGeminiRequest(request: ModelRequest, facts: ModelFacts, signatures: SignatureStore): UpstreamRequest {
  const model = readGeminiName(facts.upstream);
  const names = createFunctionNames(request);
  const { origin, messages } = request;
  const dropped = new DroppedParameters(origin, [...unsaidParameters(request), ...origin.askedInMessages()]);
  const growth = createGrowth();
  const vendor = readVendorFields(request);
  const takesPrefill = facts.capabilities?.includes('prefill') ?? false;
  const { tools, toolConfig, format } = settle(
    request,
    model,
    toGeminiTools(request, model, names, { dropped, growth }),
    {
      dropped,
      growth,
    },
  );
  const thinkingConfig = toThinkingConfig(request, vendor.thinking, facts, model, dropped);
  const generationConfig = {
    ...toGenerationConfig(request, model, dropped),
    ...format,
    ...(thinkingConfig ? { thinkingConfig } : {}),
  };
  const systemInstruction = toSystemInstruction(messages);
  const parse = createTextParser();
  const history = { origin, model, names, signatures, takesPrefill, runsCode: tools.some(isCodeExecution), parse };
  const body = {
    ...(systemInstruction ? { systemInstruction } : {}),
    contents: toContents(request, history),
    ...(tools.length > 0 ? { tools } : {}),
    ...(toolConfig ? { toolConfig } : {}),
    ...(Object.keys(generationConfig).length > 0 ? { generationConfig } : {}),
    ...toServiceTier(request, dropped),
    ...vendor.body,
    // New paid projects keep prompts and answers unless they are told not to (since 2026-10-26).
    store: false,
  };
  return { path: toPath(facts.upstream, request.isStream), body, dropped: dropped.list() };
}

function toPath(upstream: string, isStream: boolean): string {
  const model = encodeURIComponent(upstream.replace(/^models\//, ''));
  return `/models/${model}:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
}

/** Functions and an answer in JSON exclude each other: always before 3.0, later when a call is forced. */
function settle(
  { outputFormat }: ModelRequest,
  { version }: GeminiModel,
  asked: GeminiTools,
  { dropped, growth }: Spending,
): Pick<GeminiTools, 'tools' | 'toolConfig'> & { format: JsonRecord } {
  const format = toResponseFormat(outputFormat, version, growth);
  if (outputFormat?.type === 'other') dropped.add('outputFormat');
  const { tools, toolConfig, mode } = asked;
  const wantsJson = Object.keys(format).length > 0;
  if (!wantsJson || tools.length === 0) return { tools, toolConfig, format };
  if (version >= 300 && mode !== 'ANY') return { tools, toolConfig: relaxed(toolConfig, mode), format };
  // Functions that must not be called are worth less than the form of the answer.
  if (version < 300 && mode === 'NONE') return { tools: [], toolConfig: null, format };
  dropped.add('outputFormat');
  return { tools, toolConfig, format: {} };
}

/** `strict` is the one reason for VALIDATED without names; beside a response schema only AUTO is known to work. */
function relaxed(toolConfig: JsonRecord | null, mode: GeminiTools['mode']): JsonRecord | null {
  if (toolConfig === null || mode !== 'VALIDATED') return toolConfig;
  const { functionCallingConfig, ...rest } = toolConfig;
  if ('allowedFunctionNames' in recordOf(functionCallingConfig)) return toolConfig;
  return Object.keys(rest).length > 0 ? rest : null;
}

function toServiceTier({ serviceTier }: ModelRequest, dropped: DroppedParameters): JsonRecord {
  const tier = serviceTier ?? 'auto';
  if (tier === 'flex' || tier === 'priority') return { serviceTier: tier };
  if (tier !== 'auto' && tier !== 'default') dropped.add('serviceTier');
  return {};
}

/** Google's own fields travel as they came: at the top, or under `google` as its OpenAI layer takes them. */
function readVendorFields({ extras }: ModelRequest): { body: JsonRecord; thinking: JsonRecord } {
  const google = { ...recordOf(recordOf(extras['extra_body'])['google']), ...recordOf(extras['google']) };
  const safety = extras['safety_settings'] ?? google['safety_settings'];
  const cached = extras['cached_content'] ?? google['cached_content'];
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

/** What is translated, or means something to the gateway alone. */
const unsaidParameters = createUnsaidParameters({
  parameters: [
    ...(['stream', 'choiceCount', 'seed', 'stop', 'modalities', 'audio', 'maxOutputTokens'] as const),
    ...(['temperature', 'topP', 'topK', 'presencePenalty', 'frequencyPenalty', 'logprobs', 'topLogprobs'] as const),
    ...(['tools', 'toolChoice', 'parallelToolCalls', 'outputFormat', 'serviceTier'] as const),
    ...(['reasoning', 'reasoningText', 'search'] as const),
  ],
  extras: ['safety_settings', 'cached_content', 'google', 'extra_body'],
});
