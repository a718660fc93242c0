import type { ChatRequest } from '../../protocol/chat.ts';
import { isRecord, type JsonRecord, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import { toGeminiJsonSchema } from './json-schema.ts';
import { toOpenApiSchema } from './openapi-schema.ts';
import type { Growth } from './schema-parts.ts';
import type { Dropped } from './tools.ts';
import type { GeminiModel } from './version.ts';

/** Gemini takes five at most; OpenAI four. */
const MAX_STOPS = 5;
const MAX_CANDIDATES = 8;

/** `generationConfig` but for thinking and the form of the answer. Names in `dropped` what this model refuses or ignores. */
export function toGenerationConfig(chat: ChatRequest, model: GeminiModel, dropped: Dropped): JsonRecord {
  return {
    ...toLimit(chat),
    ...toSampling(chat, model, dropped),
    ...toStops(chat, dropped),
    ...toCount(chat, model, dropped),
    ...toLogprobs(chat, model, dropped),
    ...toModalities(chat, dropped),
    ...toMediaResolution(chat),
  };
}

function toLimit(chat: ChatRequest): JsonRecord {
  const limit = chat.max_completion_tokens ?? chat.max_tokens;
  return limit ? { maxOutputTokens: limit } : {};
}

/** From 3.7 on these are ignored; penalties are answered with 400 by every current model. */
function toSampling(chat: ChatRequest, { version }: GeminiModel, dropped: Dropped): JsonRecord {
  const { temperature, top_p: topP, top_k: topK, seed } = chat;
  if (chat.presence_penalty) dropped.add('presence_penalty');
  if (chat.frequency_penalty) dropped.add('frequency_penalty');
  const seeded = typeof seed === 'number' ? { seed: seed % 2 ** 31 } : {};
  if (version < 307) {
    return {
      ...(typeof temperature === 'number' ? { temperature } : {}),
      ...(typeof topP === 'number' ? { topP } : {}),
      ...(typeof topK === 'number' ? { topK } : {}),
      ...seeded,
    };
  }
  // What the client asks for is what it gets anyway when it asks for the default.
  if ((temperature ?? 1) !== 1) dropped.add('temperature');
  if ((topP ?? 1) !== 1) dropped.add('top_p');
  if (typeof topK === 'number') dropped.add('top_k');
  return seeded;
}

function toStops(chat: ChatRequest, dropped: Dropped): JsonRecord {
  const stops = [chat.stop ?? []].flat().filter((stop) => stop !== '');
  if (stops.length > MAX_STOPS) dropped.add('stop');
  return stops.length > 0 ? { stopSequences: stops.slice(0, MAX_STOPS) } : {};
}

function toCount({ n }: ChatRequest, { version }: GeminiModel, dropped: Dropped): JsonRecord {
  if (!n || n === 1) return {};
  if (version < 307 && n <= MAX_CANDIDATES) return { candidateCount: n };
  dropped.add('n');
  return {};
}

/** "Logprobs is not enabled for this model" from 2.5 on, "not supported in streaming mode" before. */
function toLogprobs(chat: ChatRequest, { version }: GeminiModel, dropped: Dropped): JsonRecord {
  if (!chat.logprobs) return {};
  if (version < 205 && !chat.stream) {
    return { responseLogprobs: true, ...(chat.top_logprobs ? { logprobs: chat.top_logprobs } : {}) };
  }
  dropped.add('logprobs');
  if (chat.top_logprobs) dropped.add('top_logprobs');
  return {};
}

/** Models that speak answer in speech only; those that paint also write. */
function toModalities(chat: ChatRequest, dropped: Dropped): JsonRecord {
  const asked = Array.isArray(chat['modalities']) ? chat['modalities'] : [];
  if (asked.includes('image')) return { responseModalities: ['TEXT', 'IMAGE'] };
  if (!asked.includes('audio')) return {};
  const voiceName = stringOf(recordOf(chat['audio'])['voice']) ?? '';
  // Google's voices are capitalised (Kore, Puck); OpenAI's are not, and unknown here.
  if (/^[A-Z]/.test(voiceName)) {
    const speechConfig = { voiceConfig: { prebuiltVoiceConfig: { voiceName } } };
    return { responseModalities: ['AUDIO'], speechConfig };
  }
  if (voiceName) dropped.add('audio.voice');
  return { responseModalities: ['AUDIO'] };
}

/** OpenAI's `detail` stands on each image, Gemini's resolution on the request: the finest wins. */
function toMediaResolution(chat: ChatRequest): JsonRecord {
  const details = new Set<unknown>();
  for (const { content } of chat.messages) {
    for (const part of recordsOf(content)) {
      if (part['type'] === 'image_url') details.add(recordOf(part['image_url'])['detail']);
    }
  }
  if (details.has('high')) return { mediaResolution: 'MEDIA_RESOLUTION_HIGH' };
  return details.size === 1 && details.has('low') ? { mediaResolution: 'MEDIA_RESOLUTION_LOW' } : {};
}

/** The form of the answer that `response_format` asks for; empty for text. */
export function toResponseFormat(chat: ChatRequest, version: GeminiModel['version'], growth: Growth): JsonRecord {
  const format = chat.response_format;
  if (format?.type === 'json_object') return { responseMimeType: 'application/json' };
  if (format?.type !== 'json_schema') return {};
  const { schema } = format.json_schema;
  if (!isRecord(schema)) return { responseMimeType: 'application/json' };
  const fitted =
    version < 205
      ? { responseSchema: toOpenApiSchema(schema, growth) }
      : { responseJsonSchema: toGeminiJsonSchema(schema, growth) };
  return { responseMimeType: 'application/json', ...fitted };
}
