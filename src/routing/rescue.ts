import type { Policy } from '../config/config.ts';
import { type ChatRequest, type Message, textOf } from '../protocol/chat.ts';
import { estimateTokens, estimateUsage } from '../protocol/estimate.ts';
import { type Splice, spliceContinuation, spliceRestart, spliceSeam } from './splice.ts';
import type { Target } from './target.ts';
import type { Transcript } from './transcript.ts';

/**
 * How a target takes up an answer that broke off: after a `prefix`, `continued` because it was told to, or `aligned`: it
 * begins anew, and what repeats is left out.
 */
export type RescueWay = 'prefix' | 'continued' | 'aligned';

/** What another target is asked, and what of its answer is new. */
export interface Rescue {
  readonly way: RescueWay;
  /** What is left to be tried where the target refuses this one. */
  readonly others: readonly RescueWay[];
  readonly chat: ChatRequest;
  readonly splice: Splice;
}

/** True when another answer could be joined to what was told: one choice, nothing but text. */
export function canRescue(chat: ChatRequest, transcript: Transcript): boolean {
  return transcript.isPlainText() && (chat.n ?? 1) === 1 && !chat.logprobs;
}

/** The ways that a target can go, the best first. */
export function rescueWays({ facts }: Pick<Target, 'facts'>, mode: Policy['rescue']): readonly RescueWay[] {
  return [
    ...(facts.capabilities?.includes('prefill') ? (['prefix'] as const) : []),
    ...(mode === 'on' ? (['continued'] as const) : []),
    'aligned',
  ];
}

/** @param ways those that the target can go; where the answer allows none of them, it is aligned */
export function createRescue(chat: ChatRequest, sent: string, ways: readonly RescueWay[]): Rescue {
  const [way = 'aligned', ...others] = ways;
  // Of white space alone nobody could tell whether an answer begins with it: any answer may follow it.
  const begun = sent.trim() === '' ? '' : sent;
  if (way === 'aligned' || begun === '' || !isFreeText(chat)) {
    return { way: 'aligned', others: [], chat, splice: spliceRestart(begun) };
  }
  const { prompt_tokens: promptTokens } = estimateUsage(chat, 0);
  if (way === 'prefix')
    return { way, others, chat: withPrefix(chat, begun), splice: spliceContinuation(begun, promptTokens) };
  const asked = withRequest(chat, begun);
  const more = estimateUsage(asked, 0).prompt_tokens - promptTokens;
  return { way, others, chat: asked, splice: spliceSeam(begun, { prompt: promptTokens, more }) };
}

/** Held to a grammar, a model begins with the grammar's beginning, whatever stands before it. */
function isFreeText({ response_format: format }: ChatRequest): boolean {
  return (format?.type ?? 'text') === 'text';
}

/** The conversation with what was told as the beginning of the answer. White space at its end is refused by some. */
function withPrefix(chat: ChatRequest, sent: string): ChatRequest {
  const messages = withAnswer(chat, sent, (content) => content.trimEnd());
  return { ...chat, ...restOfLimits(chat, sent), messages };
}

/** The conversation with what was told as a message of its own, and the request to go on. */
function withRequest(chat: ChatRequest, sent: string): ChatRequest {
  const answered = withAnswer(chat, sent, (content) => content);
  const messages: Message[] = [...answered, { role: 'user', content: requestToContinue(sent) }];
  return { ...chat, ...restOfLimits(chat, sent), messages };
}

function withAnswer({ messages }: ChatRequest, sent: string, toContent: (text: string) => string): Message[] {
  const last = messages.at(-1);
  const isBegun = last?.role === 'assistant' && (last.tool_calls ?? []).length === 0;
  const content = toContent(`${isBegun ? textOf(last.content) : ''}${sent}`);
  return [...(isBegun ? messages.slice(0, -1) : messages), { role: 'assistant', content }];
}

/** The last words that a model is asked to begin with: letters that are sure to be found again. */
const LAST_WORDS = 60;

/** Words that repeat show where the seam is, to the letter; without them it often cannot be known. */
function requestToContinue(sent: string): string {
  const end = sent.trimEnd().slice(-LAST_WORDS);
  const whole = sent.trimEnd().length > LAST_WORDS ? end.replace(/^\S{0,30}\s+/u, '') : end;
  return (
    'Your last message was cut off by a lost connection. Continue it exactly where it stops, in the same language and ' +
    'format, as if it had not been interrupted. So that both parts can be joined, begin with its last words, to the ' +
    `letter:\n\n${whole}\n\nand go straight on from there. Repeat nothing else, do not apologise, do not comment.`
  );
}

/** What was told has used up a part of the answer's length. */
function restOfLimits(chat: ChatRequest, sent: string): Partial<ChatRequest> {
  const used = estimateTokens(sent);
  const restOf = (limit: number): number => Math.max(1, limit - used);
  const { max_tokens: limit, max_completion_tokens: newerLimit } = chat;
  return {
    ...(limit ? { max_tokens: restOf(limit) } : {}),
    ...(newerLimit ? { max_completion_tokens: restOf(newerLimit) } : {}),
  };
}
