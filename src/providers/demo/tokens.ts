import type { ChatRequest, Message } from '../../languages/chat/schema.ts';
import type { DemoAnswer } from './answer.ts';
import type { DemoCall } from './calls.ts';

/** A call whose arguments are cut into tokens. */
interface CallTokens {
  readonly name: string;
  readonly pieces: readonly string[];
}

/** One choice as the tokens that are sent. */
export interface DemoTokens {
  readonly thought: readonly string[];
  readonly text: readonly string[];
  readonly calls: readonly CallTokens[];
  readonly finish: 'stop' | 'length' | 'tool_calls';
}

/** A token is a word, or twelve letters of a longer one, with the space before it, or eight characters of arguments. Limits and stop words are honoured. */
export function toTokens(chat: ChatRequest, answer: DemoAnswer): DemoTokens {
  let left = chat.max_completion_tokens ?? chat.max_tokens ?? Number.POSITIVE_INFINITY;
  let isCut = false;
  const take = (pieces: readonly string[]): readonly string[] => {
    const taken = pieces.slice(0, left);
    isCut ||= taken.length < pieces.length;
    left -= taken.length;
    return taken;
  };
  const thought = take(wordsOf(answer.thought));
  const text = take(wordsOf(beforeStop(answer.text, chat.stop)));
  const calls = answer.calls
    .map((call) => ({ name: call.name, pieces: take(piecesOf(call)) }))
    .filter(({ pieces }) => pieces.length > 0);
  const end = answer.calls.length > 0 ? 'tool_calls' : 'stop';
  return { thought, text, calls, finish: isCut ? 'length' : end };
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\s*\S{1,12}|\s+$/gu) ?? [];
}

function piecesOf(call: DemoCall): readonly string[] {
  return call.arguments.match(/.{1,8}/gsu) ?? [];
}

function beforeStop(text: string, stop: ChatRequest['stop']): string {
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  const ends = stops.filter((word) => word !== '').map((word) => text.indexOf(word));
  return text.slice(0, Math.min(text.length, ...ends.filter((end) => end >= 0)));
}

/** Four bytes of a message make a token. */
export function tokensOf(message: Message): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(message)) / 4);
}

/** The tokens of the whole conversation. */
export function promptTokens({ messages }: ChatRequest): number {
  return messages.reduce((sum, message) => sum + tokensOf(message), 0);
}

/** OpenAI's usage. @param cached tokens of the prompt that were known from earlier calls */
export function usageOf(prompt: number, cached: number, answers: readonly DemoTokens[]): object {
  const reasoning = answers.reduce((sum, { thought }) => sum + thought.length, 0);
  const spoken = answers.reduce((sum, { text, calls }) => sum + text.length + pieceCount(calls), 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: reasoning + spoken,
    total_tokens: prompt + reasoning + spoken,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function pieceCount(calls: readonly CallTokens[]): number {
  return calls.reduce((sum, { pieces }) => sum + pieces.length, 0);
}

/** Log probabilities of tokens, equal for a token whether it is streamed or not; null unless asked for. */
export function logprobsOf(chat: ChatRequest, tokens: readonly string[]): object | null {
  if (!chat.logprobs) return null;
  const content = tokens.map((token) => ({
    ...candidate(token, 0),
    top_logprobs: Array.from({ length: chat.top_logprobs ?? 0 }, (_, rank) => candidate(token, rank)),
  }));
  return { content, refusal: null };
}

/** The demo model is always sure of its word: what it did not choose is far behind. */
function candidate(token: string, rank: number): object {
  const text = rank === 0 ? token : `${token}${"'".repeat(rank)}`;
  return { token: text, logprob: -0.1 - 3 * rank, bytes: [...Buffer.from(text)] };
}
