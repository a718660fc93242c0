import { type ChatRequest, textOf } from '../protocol/chat.ts';
import { estimateTokens, estimateUsage } from '../protocol/estimate.ts';
import { type Splice, spliceContinuation, spliceRestart } from './splice.ts';
import type { Transcript } from './transcript.ts';

/** How another target takes up an answer that broke off. */
export interface Rescue {
  readonly chat: ChatRequest;
  /** True when the target is to go on after what was told, false when it begins anew. */
  readonly isPrefixed: boolean;
  readonly splice: Splice;
}

/** True when another answer could be joined to what was told: one choice, nothing but text. */
export function canRescue(chat: ChatRequest, transcript: Transcript): boolean {
  return transcript.isPlainText() && (chat.n ?? 1) === 1 && !chat.logprobs;
}

/** @param takesPrefix whether the target can go on after the beginning of an answer */
export function createRescue(chat: ChatRequest, told: string, takesPrefix: boolean): Rescue {
  // Of white space alone nobody could tell whether an answer begins with it: any answer may follow it.
  const begun = told.trim() === '' ? '' : told;
  const isPrefixed = takesPrefix && begun !== '' && isFreeText(chat);
  if (!isPrefixed) return { chat, isPrefixed, splice: spliceRestart(begun) };
  const { prompt_tokens: promptTokens } = estimateUsage(chat, 0);
  return { chat: withPrefix(chat, begun), isPrefixed, splice: spliceContinuation(begun, promptTokens) };
}

/** Held to a grammar, a model begins with the grammar's beginning, whatever stands before it. */
function isFreeText({ response_format: format }: ChatRequest): boolean {
  return (format?.type ?? 'text') === 'text';
}

/** The conversation with what was told as the beginning of the answer. White space at its end is refused by some. */
function withPrefix(chat: ChatRequest, told: string): ChatRequest {
  const last = chat.messages.at(-1);
  const isBegun = last?.role === 'assistant' && (last.tool_calls ?? []).length === 0;
  const content = `${isBegun ? textOf(last.content) : ''}${told}`.trimEnd();
  const before = isBegun ? chat.messages.slice(0, -1) : chat.messages;
  return { ...chat, ...restOfLimits(chat, told), messages: [...before, { role: 'assistant', content }] };
}

/** What was told has used up a part of the answer's length. */
function restOfLimits(chat: ChatRequest, told: string): Partial<ChatRequest> {
  const used = estimateTokens(told);
  const restOf = (limit: number): number => Math.max(1, limit - used);
  const { max_tokens: limit, max_completion_tokens: newerLimit } = chat;
  return {
    ...(limit ? { max_tokens: restOf(limit) } : {}),
    ...(newerLimit ? { max_completion_tokens: restOf(newerLimit) } : {}),
  };
}
