import type { CodeRunDelta, ServerStep } from './hosted-delta.ts';
import { recordOf } from './json.ts';

/**
 * What a dialect reads from a provider, in one form for streams and whole answers: a list of deltas.
 * The fields of a `ChunkDelta` are those of OpenAI's `choices[].delta`, our documented extensions, and what chats are not told.
 */

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

/** Thoughts as their provider sums them up, or the raw chain of an open model. */
export type ThoughtForm = 'summary' | 'raw';

/** `start_index` and `end_index` count UTF-16 code units of the message's content; the end is exclusive. */
export interface Annotation {
  readonly type: 'url_citation';
  readonly url_citation: {
    readonly start_index: number;
    readonly end_index: number;
    readonly url: string;
    readonly title: string;
    readonly content?: string;
  };
}

/** `index` counts the calls of one choice from 0. The first delta of a call has id, type and name. */
export interface ToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function' | 'custom';
  readonly function?: { readonly name?: string; readonly arguments?: string };
  readonly custom?: { readonly name?: string; readonly input?: string };
  readonly extra_content?: ExtraContent;
}

/** Where Google's own OpenAI layer carries the thought signature of a part. */
export interface ExtraContent {
  readonly google: { readonly thought_signature: string };
}

/** The fields of `choices[].delta`: OpenAI's, and our documented extensions; `code_runs` and `server_steps` are for clients of Responses alone. */
export interface ChunkDelta {
  role?: 'assistant';
  content?: string | null;
  refusal?: string | null;
  reasoning_content?: string;
  reasoning_details?: readonly unknown[];
  tool_calls?: readonly ToolCallDelta[];
  code_runs?: readonly CodeRunDelta[];
  server_steps?: readonly ServerStep[];
  function_call?: { readonly name?: string; readonly arguments?: string };
  annotations?: readonly Annotation[];
  extra_content?: ExtraContent;
  images?: readonly unknown[];
  audio?: Readonly<Record<string, unknown>>;
}

/** OpenAI's log probability of one token; `bytes` are its UTF-8 bytes. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[] | null;
  readonly top_logprobs: readonly Omit<TokenLogprob, 'top_logprobs'>[];
}

/** Log probabilities of the tokens of one chunk; null where there are none of a kind. */
export interface Logprobs {
  readonly content: readonly TokenLogprob[] | null;
  readonly refusal: readonly TokenLogprob[] | null;
}

/** OpenAI's usage: `completion_tokens` includes reasoning, `prompt_tokens` includes cached ones; cost in USD. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: Readonly<Record<string, number>>;
  readonly completion_tokens_details: Readonly<Record<string, number>>;
  /**
   * How often the provider ran its own tools, under OpenRouter's names: `web_search_requests` and the like. For the
   * bill: OpenAI's schema has no place for it.
   */
  readonly server_tool_use_details?: Readonly<Record<string, number>>;
  readonly cost?: number | null;
  readonly cost_details?: Readonly<Record<string, unknown>> | null;
}

/** Fields of the answer as a whole, beside its choices. Later values replace earlier ones. */
export interface AnswerFields {
  readonly service_tier?: string | null;
  readonly system_fingerprint?: string | null;
  readonly moderation?: unknown;
  readonly citations?: readonly string[];
  readonly search_results?: readonly unknown[];
}

/** A piece of one choice. `finish` may come early or twice: the last one counts, and only at the end. */
export interface ChoiceDelta {
  readonly type: 'choice';
  readonly index: number;
  readonly delta: ChunkDelta;
  readonly logprobs: Logprobs | null;
  readonly finish: FinishReason | null;
}

/** A piece of an answer: of one choice, its usage, or fields of the answer as a whole. */
export type Delta =
  | ChoiceDelta
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'answer'; readonly fields: AnswerFields };

/** What one network read brought. */
export interface Batch {
  readonly deltas: readonly Delta[];
  /**
   * The events, or the whole answer, as the provider wrote them, where its language is one that clients speak as well: a face of that language
   * writes them instead of the deltas. Null where there are none, and from the first change of an answer on.
   */
  readonly native: readonly string[] | null;
}

/** A batch that nothing but its deltas says. */
export function batchOf(deltas: readonly Delta[]): Batch {
  return { deltas, native: null };
}

/**
 * Takes an answer, batch by batch, as it comes. A promise means that the reader is full: nothing more is taken from
 * the provider before it resolves.
 */
export type OnBatch = (batch: Batch) => Promise<unknown> | undefined;

/** A choice delta without log probabilities, the usual case. */
export function choiceDelta(index: number, delta: ChunkDelta, finish: FinishReason | null = null): ChoiceDelta {
  return { type: 'choice', index, delta, logprobs: null, finish };
}

/** Usage from plain counts; details that a provider does not report are 0. */
export function toUsage(counts: {
  readonly prompt: number;
  readonly completion: number;
  readonly cached?: number;
  readonly reasoning?: number;
  readonly promptAudio?: number;
  readonly completionAudio?: number;
  /** Counts of other names, or in place of these. */
  readonly promptDetails?: Readonly<Record<string, number>>;
  readonly completionDetails?: Readonly<Record<string, number>>;
}): Usage {
  return {
    prompt_tokens: counts.prompt,
    completion_tokens: counts.completion,
    total_tokens: counts.prompt + counts.completion,
    prompt_tokens_details: withMore(
      { cached_tokens: counts.cached ?? 0, audio_tokens: counts.promptAudio ?? 0 },
      counts.promptDetails,
    ),
    completion_tokens_details: withMore(
      {
        reasoning_tokens: counts.reasoning ?? 0,
        audio_tokens: counts.completionAudio ?? 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
      counts.completionDetails,
    ),
  };
}

/** Gemini counts with every chunk, and never has more: without it nothing is copied. */
function withMore<T extends Readonly<Record<string, number>>>(details: T, more?: Readonly<Record<string, number>>): T {
  return more ? { ...details, ...more } : details;
}

/** The tokens of two answers that are told as one; costs and tools are those of each. */
export function sumOfUsage(one: Usage, other: Usage): Usage {
  return toUsage({
    prompt: one.prompt_tokens + other.prompt_tokens,
    completion: one.completion_tokens + other.completion_tokens,
    promptDetails: sumOfCounts(one.prompt_tokens_details, other.prompt_tokens_details),
    completionDetails: sumOfCounts(one.completion_tokens_details, other.completion_tokens_details),
  });
}

function sumOfCounts(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>) {
  const names = Object.keys({ ...one, ...other });
  return Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}

/** Usage as clients are told it. */
export function toClientUsage(usage: Usage): Usage {
  if (usage.server_tool_use_details === undefined) return usage;
  const { server_tool_use_details: _billed, ...sent } = usage;
  return sent;
}

/**
 * True when the delta carries something a reader would see: from here on an attempt cannot be undone. Thoughts that can
 * be read are; encrypted ones, sources, the id of a sound that has not begun and the like are not.
 */
export function isMeaningful({ delta: piece }: ChoiceDelta): boolean {
  return Boolean(
    piece.content ||
      piece.reasoning_content ||
      piece.refusal ||
      piece.tool_calls?.length ||
      piece.code_runs?.length ||
      piece.server_steps?.some(({ type }) => type === 'call') ||
      piece.function_call?.name ||
      piece.function_call?.arguments ||
      piece.reasoning_details?.some(isReadable) ||
      piece.images?.length ||
      piece.audio?.['data'] ||
      piece.audio?.['transcript'],
  );
}

/** OpenRouter's details are a text, a summary, or data that only their vendor can read. */
function isReadable(detail: unknown): boolean {
  const { text, summary } = recordOf(detail);
  return Boolean(text || summary);
}
