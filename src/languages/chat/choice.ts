import type { Annotation, ChunkDelta, FinishReason, Logprobs, TokenLogprob, Usage } from '../../protocol/delta.ts';
import { toUsage } from '../../protocol/delta.ts';
import { countOf, isRecord, type JsonRecord, numberOf, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';

/** The parts of a `delta` or `message` that we pass on, without its tool calls. Everything else is left out. */
export function readPiece(source: JsonRecord): ChunkDelta {
  const delta: ChunkDelta = {};
  const content = contentOf(source['content']);
  if (content) delta.content = content;
  const reasoning = reasoningOf(source);
  if (reasoning) delta.reasoning_content = reasoning;
  if (typeof source['refusal'] === 'string' && source['refusal'] !== '') delta.refusal = source['refusal'];
  if (hasEntries(source['reasoning_details'])) delta.reasoning_details = source['reasoning_details'];
  if (hasEntries(source['images'])) delta.images = source['images'];
  if (isRecord(source['audio'])) delta.audio = audioOf(source['audio']);
  if (hasEntries(source['annotations'])) readAnnotations(source['annotations'], delta);
  if (isRecord(source['function_call'])) delta.function_call = functionCallOf(source['function_call']);
  return delta;
}

function hasEntries(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > 0;
}

/** Mistral's reasoning models send content as parts. */
function contentOf(content: unknown): string | null {
  return Array.isArray(content) ? joinTexts(content) : stringOf(content);
}

/** The thinking: under either name, or (Mistral) in parts of the content. */
function reasoningOf({ reasoning_content: named, reasoning, content }: JsonRecord): string {
  const text = stringOf(named) || stringOf(reasoning);
  if (text || !Array.isArray(content)) return text ?? '';
  return recordsOf(content)
    .map((part) => joinTexts(part['thinking']))
    .join('');
}

function joinTexts(parts: unknown): string {
  return recordsOf(parts)
    .map((part) => stringOf(part['text']) ?? '')
    .join('');
}

const AUDIO_TEXTS = ['id', 'data', 'transcript'];

/** The four fields that OpenAI's audio has. */
function audioOf(audio: JsonRecord): JsonRecord {
  const texts = AUDIO_TEXTS.filter((key) => typeof audio[key] === 'string').map((key) => [key, audio[key]]);
  const expiry = numberOf(audio['expires_at']);
  return { ...Object.fromEntries(texts), ...(expiry === null ? {} : { expires_at: Math.trunc(expiry) }) };
}

function readAnnotations(value: unknown, delta: ChunkDelta): void {
  const annotations = recordsOf(value)
    .map(toAnnotation)
    .filter((annotation) => annotation !== null);
  if (annotations.length > 0) delta.annotations = annotations;
}

/** OpenRouter leaves out indexes and adds the quoted `content`; kinds other than `url_citation` are not ours to pass. */
function toAnnotation(value: JsonRecord): Annotation | null {
  const citation = recordOf(value['url_citation'] ?? value);
  const url = stringOf(citation['url']);
  if (url === null) return null;
  const content = stringOf(citation['content']);
  return {
    type: 'url_citation',
    url_citation: {
      start_index: countOf(citation['start_index']),
      end_index: countOf(citation['end_index']),
      url,
      title: stringOf(citation['title']) ?? '',
      ...(content === null ? {} : { content }),
    },
  };
}

function functionCallOf(call: JsonRecord): { name?: string; arguments?: string } {
  const name = stringOf(call['name']);
  const args = stringOf(call['arguments']);
  return { ...(name ? { name } : {}), ...(args === null ? {} : { arguments: args }) };
}

const FINISH_REASONS: ReadonlyMap<string, FinishReason> = new Map(
  Object.entries({
    stop: 'stop',
    length: 'length',
    tool_calls: 'tool_calls',
    content_filter: 'content_filter',
    function_call: 'function_call',
    max_tokens: 'length',
    max_output_tokens: 'length',
    model_length: 'length',
    tool_use: 'tool_calls',
    safety: 'content_filter',
  }),
);

/** Other words (`eos`, `end_turn`) mean that the model had said everything. */
export function toFinishReason(value: unknown): FinishReason | null {
  if (typeof value !== 'string' || value === '') return null;
  return FINISH_REASONS.get(value.toLowerCase()) ?? 'stop';
}

/** OpenAI requires both lists and, in each token, `bytes` and `top_logprobs`; others leave them out. */
export function toLogprobs(value: unknown): Logprobs | null {
  if (!isRecord(value)) return null;
  const list = (key: string) => (Array.isArray(value[key]) ? recordsOf(value[key]).map(toTokenLogprob) : null);
  const logprobs = { content: list('content'), refusal: list('refusal') };
  return logprobs.content || logprobs.refusal ? logprobs : null;
}

function toTokenLogprob(value: JsonRecord): TokenLogprob {
  return { ...toAlternative(value), top_logprobs: recordsOf(value['top_logprobs']).map(toAlternative) };
}

function toAlternative(value: JsonRecord): Omit<TokenLogprob, 'top_logprobs'> {
  const { bytes } = value;
  const areBytes = Array.isArray(bytes) && bytes.every(Number.isInteger);
  return {
    token: stringOf(value['token']) ?? '',
    logprob: numberOf(value['logprob']) ?? -9999,
    bytes: areBytes ? bytes : null,
  };
}

const PROMPT_DETAILS = ['audio_tokens', 'text_tokens', 'image_tokens', 'cache_write_tokens'];
const COMPLETION_DETAILS = ['audio_tokens', 'text_tokens', 'accepted_prediction_tokens', 'rejected_prediction_tokens'];

/** Usage of any OpenAI-speaking server, with the cost where OpenRouter or Perplexity name one. */
export function readUsage(value: JsonRecord): Usage {
  const promptDetails = recordOf(value['prompt_tokens_details']);
  const completionDetails = recordOf(value['completion_tokens_details']);
  const usage = toUsage({
    prompt: countOf(value['prompt_tokens']),
    // As reported, also where it is less than its own reasoning: xAI counts that beside the completion, and its
    // clients read it so.
    completion: countOf(value['completion_tokens']),
    reasoning: countOf(completionDetails['reasoning_tokens'] ?? value['reasoning_tokens']),
    cached: countOf(promptDetails['cached_tokens'] ?? value['prompt_cache_hit_tokens']),
    promptDetails: pickCounts(promptDetails, PROMPT_DETAILS),
    completionDetails: pickCounts(completionDetails, COMPLETION_DETAILS),
  });
  const isBilledApart = value['cost'] !== undefined || value['server_tool_use_details'] !== undefined;
  return isBilledApart ? { ...usage, ...toolUseOf(value), ...costOf(value) } : usage;
}

function pickCounts(details: JsonRecord, keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) if (numberOf(details[key]) !== null) counts[key] = countOf(details[key]);
  return counts;
}

/** OpenRouter counts the searches that it runs for a model. */
function toolUseOf(usage: JsonRecord): Pick<Usage, 'server_tool_use_details'> {
  const used = recordOf(usage['server_tool_use_details']);
  const counts = pickCounts(used, Object.keys(used));
  return Object.keys(counts).length > 0 ? { server_tool_use_details: counts } : {};
}

/** OpenRouter: a number and `cost_details`; Perplexity: an object with `total_cost`. USD. */
function costOf(usage: JsonRecord): Pick<Usage, 'cost' | 'cost_details'> {
  const cost = usage['cost'];
  if (isRecord(cost)) return { cost: numberOf(cost['total_cost']), cost_details: cost };
  if (numberOf(cost) === null) return {};
  const details = isRecord(usage['cost_details']) ? { cost_details: usage['cost_details'] } : {};
  return { cost: numberOf(cost), ...details };
}
