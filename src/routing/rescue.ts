import type { ChatRequest } from '../protocol/chat.ts';
import type { Annotation, ChoiceDelta, Delta, Usage } from '../protocol/delta.ts';
import { GatewayError } from '../protocol/errors.ts';
import { estimateTokens } from '../protocol/estimate.ts';
import { isMoreThanText, type Transcript } from './transcript.ts';

/** How another target takes up an answer that broke off. */
export interface Rescue {
  readonly chat: ChatRequest;
  /** True when the target is to go on after what was told, false when it begins anew. */
  readonly isPrefixed: boolean;
  readonly splice: Splice;
}

/** True when another answer could be joined to what was told: one choice, nothing but text. */
export function canRescue(chat: ChatRequest, transcript: Transcript): boolean {
  return transcript.isPlainText && (chat.n ?? 1) === 1 && !chat.logprobs;
}

export function createRescue(chat: ChatRequest, told: string, isPrefixed: boolean): Rescue {
  // Without any text there is nothing to go on from: only reasoning was told.
  if (!isPrefixed || told.trim() === '') return { chat, isPrefixed: false, splice: spliceRestart(told) };
  return { chat: withPrefix(chat, told), isPrefixed, splice: spliceContinuation(told) };
}

/** The conversation with what was told as the beginning of the answer. White space at its end is refused by some. */
function withPrefix(chat: ChatRequest, told: string): ChatRequest {
  return { ...chat, messages: [...chat.messages, { role: 'assistant', content: told.trimEnd() }] };
}

/** Takes from the batches of a second answer what the client already has. */
type Splice = (batch: readonly Delta[]) => readonly Delta[];

/**
 * For an answer that begins anew: leaves out its beginning as long as it is, to the letter, what was told.
 * @throws GatewayError `upstream_stream_interrupted` where it differs
 */
function spliceRestart(told: string): Splice {
  let matched = 0;
  const strip = (piece: ChoiceDelta): ChoiceDelta | null => {
    if (matched === told.length) return piece;
    const { content, reasoning_content: _, ...delta } = piece.delta;
    const repeated = (content ?? '').slice(0, told.length - matched);
    if (!told.startsWith(repeated, matched) || isMoreThanText(delta)) differ();
    matched += repeated.length;
    if (matched < told.length) return piece.finish ? differ() : null;
    return { ...piece, delta: { ...delta, content: (content ?? '').slice(repeated.length) } };
  };
  return (batch) =>
    batch.map((piece) => (piece.type === 'choice' ? strip(piece) : piece)).filter((piece) => piece !== null);
}

function differ(): never {
  throw new GatewayError(
    'upstream_stream_interrupted',
    'The answer broke off, and the model that stepped in answers in other words. Ask again for a whole answer.',
  );
}

/**
 * For an answer that goes on after a prefix. A model that ignores prefixes begins anew instead: as long as its text
 * could be that, it is held back.
 */
function spliceContinuation(told: string): Splice {
  let held: string | null = '';
  let offset = told.length;
  const decide = (isOver: boolean): string | null => {
    if (held === null || (!isOver && told.startsWith(held) && held.length < told.length)) return null;
    const repeats = held.startsWith(told);
    const rest = repeats ? held.slice(told.length) : joint(told, held);
    if (repeats) offset = 0;
    held = null;
    return rest;
  };
  const pass = (piece: ChoiceDelta): ChoiceDelta => {
    const { content, reasoning_content: _, annotations, ...delta } = piece.delta;
    const moved = annotations ? { annotations: annotations.map((annotation) => shift(annotation, offset)) } : {};
    if (held === null) return { ...piece, delta: { ...delta, ...moved, content: content ?? '' } };
    held += content ?? '';
    const released = decide(piece.finish !== null);
    return { ...piece, delta: { ...delta, ...moved, content: released ?? '' } };
  };
  return (batch) =>
    batch.map((piece) => {
      if (piece.type === 'choice') return pass(piece);
      return piece.type === 'usage' && offset > 0 ? { type: 'usage', usage: addPrefix(piece.usage, told) } : piece;
    });
}

/** The white space that the prefix lost must not come twice. */
function joint(told: string, continuation: string): string {
  const lost = told.length - told.trimEnd().length;
  const leading = continuation.length - continuation.trimStart().length;
  return continuation.slice(Math.min(lost, leading));
}

function shift({ type, url_citation: citation }: Annotation, by: number): Annotation {
  const range = { start_index: citation.start_index + by, end_index: citation.end_index + by };
  return { type, url_citation: { ...citation, ...range } };
}

/** The prefix was prompt to the model that went on, and is answer to the client. */
function addPrefix(usage: Usage, told: string): Usage {
  const tokens = Math.min(estimateTokens(told), usage.prompt_tokens);
  return {
    ...usage,
    prompt_tokens: usage.prompt_tokens - tokens,
    completion_tokens: usage.completion_tokens + tokens,
  };
}
