import { type JsonRecord, recordOf, stringOf } from '../../protocol/json.ts';
import type { ModelRequest, OutputFormat } from '../../protocol/model-request.ts';
import type { DroppedParameters } from '../dropped-parameters.ts';
import { isImageTool } from './built-in-tools.ts';
import { toGeminiJsonSchema } from './json-schema.ts';
import { toOpenApiSchema } from './openapi-schema.ts';
import type { Growth } from './schema-parts.ts';
import type { GeminiModel } from './version.ts';

/** Gemini takes five at most; OpenAI four. */
const MAX_STOPS = 5;
const MAX_CANDIDATES = 8;

/** `generationConfig` but for thinking and the form of the answer. Names in `dropped` what this model refuses or ignores. */
export function toGenerationConfig(request: ModelRequest, model: GeminiModel, dropped: DroppedParameters): JsonRecord {
  return {
    ...toLimit(request),
    ...toSampling(request, model, dropped),
    ...toStops(request, dropped),
    ...toCount(request, model, dropped),
    ...toLogprobs(request, model, dropped),
    ...toModalities(request, model, dropped),
    ...toMediaResolution(request),
  };
}

function toLimit({ maxOutputTokens }: ModelRequest): JsonRecord {
  return maxOutputTokens ? { maxOutputTokens } : {};
}

/** From 3.7 on these are ignored; penalties are answered with 400 by every current model. */
function toSampling({ sampling }: ModelRequest, { version }: GeminiModel, dropped: DroppedParameters): JsonRecord {
  const { temperature, topP, topK, seed } = sampling;
  if (sampling.presencePenalty) dropped.add('presencePenalty');
  if (sampling.frequencyPenalty) dropped.add('frequencyPenalty');
  const seeded = seed === null ? {} : { seed: seed % 2 ** 31 };
  if (version < 307) {
    return {
      ...(temperature === null ? {} : { temperature }),
      ...(topP === null ? {} : { topP }),
      ...(topK === null ? {} : { topK }),
      ...seeded,
    };
  }
  // What the client asks for is what it gets anyway when it asks for the default.
  if ((temperature ?? 1) !== 1) dropped.add('temperature');
  if ((topP ?? 1) !== 1) dropped.add('topP');
  if (topK !== null) dropped.add('topK');
  return seeded;
}

function toStops({ stop }: ModelRequest, dropped: DroppedParameters): JsonRecord {
  const stops = [stop ?? []].flat().filter((word) => word !== '');
  if (stops.length > MAX_STOPS) dropped.add('stop');
  return stops.length > 0 ? { stopSequences: stops.slice(0, MAX_STOPS) } : {};
}

function toCount({ choiceCount }: ModelRequest, { version }: GeminiModel, dropped: DroppedParameters): JsonRecord {
  if (choiceCount === 1) return {};
  if (version < 307 && choiceCount <= MAX_CANDIDATES) return { candidateCount: choiceCount };
  dropped.add('choiceCount');
  return {};
}

/** "Logprobs is not enabled for this model" from 2.5 on, "not supported in streaming mode" before. */
function toLogprobs(request: ModelRequest, { version }: GeminiModel, dropped: DroppedParameters): JsonRecord {
  if (!request.logprobs) return {};
  if (version < 205 && !request.isStream) {
    return { responseLogprobs: true, ...(request.topLogprobs ? { logprobs: request.topLogprobs } : {}) };
  }
  dropped.add('logprobs');
  if (request.topLogprobs) dropped.add('topLogprobs');
  return {};
}

/** Models that speak answer in speech only; those that paint also write. */
function toModalities(
  { modalities, audio, tools }: ModelRequest,
  { paints }: GeminiModel,
  dropped: DroppedParameters,
): JsonRecord {
  const asked = modalities ?? [];
  if (asked.includes('image') || (paints && tools.some(isImageTool))) return { responseModalities: ['TEXT', 'IMAGE'] };
  if (!asked.includes('audio')) return {};
  const voiceName = stringOf(recordOf(audio)['voice']) ?? '';
  // Google's voices are capitalised (Kore, Puck); OpenAI's are not, and unknown here.
  if (/^[A-Z]/.test(voiceName)) {
    const speechConfig = { voiceConfig: { prebuiltVoiceConfig: { voiceName } } };
    return { responseModalities: ['AUDIO'], speechConfig };
  }
  if (voiceName) dropped.add('audio', 'voice');
  return { responseModalities: ['AUDIO'] };
}

/** OpenAI's `detail` stands on each image, Gemini's resolution on the request: the finest wins. */
function toMediaResolution({ messages }: ModelRequest): JsonRecord {
  const details = new Set<unknown>();
  for (const { content } of messages) {
    if (typeof content === 'string') continue;
    for (const part of content) if (part.type === 'image') details.add(part.detail);
  }
  if (details.has('high')) return { mediaResolution: 'MEDIA_RESOLUTION_HIGH' };
  return details.size === 1 && details.has('low') ? { mediaResolution: 'MEDIA_RESOLUTION_LOW' } : {};
}

/** The form of the answer that is asked for; empty for text. */
export function toResponseFormat(
  format: OutputFormat | null,
  version: GeminiModel['version'],
  growth: Growth,
): JsonRecord {
  if (format?.type === 'json_object') return { responseMimeType: 'application/json' };
  if (format?.type !== 'json_schema') return {};
  const { schema } = format;
  if (schema === null) return { responseMimeType: 'application/json' };
  const fitted =
    version < 205
      ? { responseSchema: toOpenApiSchema(schema, growth) }
      : { responseJsonSchema: toGeminiJsonSchema(schema, growth) };
  return { responseMimeType: 'application/json', ...fitted };
}
