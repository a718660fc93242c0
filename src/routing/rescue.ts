import type { Policy } from '../config/config.ts';
import { estimateTokens, estimateUsage } from '../protocol/estimate.ts';
import { callsIn, type ModelMessage, wordsOf } from '../protocol/model-message.ts';
import { changed, type ModelRequest } from '../protocol/model-request.ts';
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
  readonly request: ModelRequest;
  readonly splice: Splice;
}

/** True when another answer could be joined to what was told: one choice, nothing but text. */
export function canRescue(request: ModelRequest, transcript: Transcript): boolean {
  return transcript.isPlainText() && request.choiceCount === 1 && !request.logprobs;
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
export function createRescue(request: ModelRequest, sent: string, ways: readonly RescueWay[]): Rescue {
  const [way = 'aligned', ...others] = ways;
  // White space alone does not tell whether an answer begins with it: any answer may follow it.
  const begun = sent.trim() === '' ? '' : sent;
  if (way === 'aligned' || begun === '' || !isFreeText(request)) {
    return { way: 'aligned', others: [], request, splice: spliceRestart(begun) };
  }
  const { prompt_tokens: promptTokens } = estimateUsage(request, 0);
  if (way === 'prefix') {
    return { way, others, request: withPrefix(request, begun), splice: spliceContinuation(begun, promptTokens) };
  }
  const asked = withRequest(request, begun);
  const more = estimateUsage(asked, 0).prompt_tokens - promptTokens;
  return { way, others, request: asked, splice: spliceSeam(begun, { prompt: promptTokens, more }) };
}

/** Held to a grammar, a model begins with the grammar's beginning, whatever stands before it. */
function isFreeText({ outputFormat }: ModelRequest): boolean {
  return (outputFormat?.type ?? 'text') === 'text';
}

/** The conversation with what was told as the beginning of the answer. White space at its end is refused by some. */
function withPrefix(request: ModelRequest, sent: string): ModelRequest {
  const messages = withAnswer(request, sent, (content) => content.trimEnd());
  return changed(request, { ...restOfLimit(request, sent), messages });
}

/** The conversation with what was told as a message of its own, and the request to go on. */
function withRequest(request: ModelRequest, sent: string): ModelRequest {
  const answered = withAnswer(request, sent, (content) => content);
  const at = answered.length;
  const messages = [...answered, { role: 'user', content: requestToContinue(sent), at, source: null } as const];
  return changed(request, { ...restOfLimit(request, sent), messages });
}

function withAnswer({ messages }: ModelRequest, sent: string, toContent: (text: string) => string): ModelMessage[] {
  const last = messages.at(-1);
  const begun = last?.role === 'assistant' && callsIn(last).length === 0 ? last : null;
  const content = toContent(`${begun ? wordsOf(begun.content) : ''}${sent}`);
  const before = begun ? messages.slice(0, -1) : messages;
  return [...before, { role: 'assistant', content, at: before.length, source: null }];
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
function restOfLimit({ maxOutputTokens }: ModelRequest, sent: string): Partial<Pick<ModelRequest, 'maxOutputTokens'>> {
  return maxOutputTokens === null ? {} : { maxOutputTokens: Math.max(1, maxOutputTokens - estimateTokens(sent)) };
}
