import type { Annotation, ChoiceDelta, ChunkDelta, Delta, Usage } from '../protocol/delta.ts';
import { GatewayError } from '../protocol/errors.ts';
import { estimateTokens } from '../protocol/estimate.ts';
import { fail } from '../protocol/failure.ts';
import { findSeam } from './seam.ts';
import { isMoreThanText } from './transcript.ts';

/** Takes from the batches of a second answer what the client already has. One splice is for one answer. */
export type Splice = (batch: readonly Delta[]) => readonly Delta[];

/**
 * For an answer that begins anew: leaves out its beginning as long as it is, to the letter, what was told.
 * @throws GatewayError `upstream_stream_interrupted` where it differs
 */
export function spliceRestart(sent: string): Splice {
  let matched = 0;
  const strip = (piece: ChoiceDelta): ChoiceDelta | null => {
    const { content, ...delta } = withoutReasoning(piece.delta);
    if (matched === sent.length) return { ...piece, delta: content ? { ...delta, content } : delta };
    const repeated = (content ?? '').slice(0, sent.length - matched);
    if (!sent.startsWith(repeated, matched) || isMoreThanText(delta)) differ();
    matched += repeated.length;
    if (matched < sent.length) return piece.finish ? differ() : null;
    return { ...piece, delta: { ...delta, content: (content ?? '').slice(repeated.length) } };
  };
  return (batch) =>
    batch.map((piece) => (piece.type === 'choice' ? strip(piece) : piece)).filter((piece) => piece !== null);
}

const OTHER_WORDS = 'the model that stepped in answers in other words. Ask again for a whole answer.';

function differ(): never {
  throw new GatewayError('upstream_stream_interrupted', `The answer broke off: ${OTHER_WORDS}`);
}

/**
 * For an answer that goes on after a prefix. A model that ignores prefixes begins anew instead: as long as its text
 * could be that, it is held back.
 * @param promptTokens about how long the conversation is without the prefix
 */
export function spliceContinuation(sent: string, promptTokens: number): Splice {
  let held: string | null = '';
  // Where the second answer's first letter stands in what the client has.
  let offset = sent.length;
  const decide = (isOver: boolean): string => {
    if (held === null || (!isOver && sent.startsWith(held) && held.length < sent.length)) return '';
    const text = held;
    held = null;
    offset = text.startsWith(sent) ? 0 : sent.length - overlap(sent, text);
    return text.slice(sent.length - offset);
  };
  const pass = (piece: ChoiceDelta): ChoiceDelta => {
    const { content, annotations, ...delta } = withoutReasoning(piece.delta);
    let said = content ?? '';
    if (held !== null) {
      held += said;
      said = decide(piece.finish !== null);
    }
    const moved = annotations?.map((annotation) => shift(annotation, offset));
    return { ...piece, delta: { ...delta, ...(moved ? { annotations: moved } : {}), content: said } };
  };
  const tokens = estimateTokens(sent);
  const shifted: Shift = { prompt: tokens, completion: tokens, promptTokens };
  const count = (usage: Usage): Usage => (offset === 0 ? usage : shiftUsage(usage, shifted));
  return (batch) =>
    batch.map((piece) => {
      if (piece.type === 'choice') return pass(piece);
      return piece.type === 'usage' ? { type: 'usage', usage: count(piece.usage) } : piece;
    });
}

/** Tokens of the conversation by itself, and of what the model was asked with it: what was told, and to continue. */
interface Asked {
  readonly prompt: number;
  readonly more: number;
}

/**
 * For an answer that was to go on where it broke off: held back until the seam is sure.
 * @throws AttemptError `other-words` where it cannot be
 */
export function spliceSeam(sent: string, asked: Asked): Splice {
  const tokens = estimateTokens(sent);
  let shifted: Shift = { prompt: asked.more, completion: tokens, promptTokens: asked.prompt };
  let held: string | null = '';
  let cited: Annotation[] = [];
  let looked = 0;
  // Where the second answer's first letter stands in what the client has.
  let offset = sent.length;
  const decide = (isOver: boolean): string => {
    const text = held ?? '';
    // A look costs as much as the text is long: at every piece, an answer begun anew would cost its length squared.
    if (!isOver && text.length - looked < text.length / 64) return '';
    looked = text.length;
    const seam = findSeam(sent, text, isOver);
    if (seam.kind === 'open' && !isOver) return '';
    if (seam.kind !== 'sure') return fail('other-words', OTHER_WORDS);
    held = null;
    offset = sent.length - seam.cut;
    const unsaid = estimateTokens(text.slice(0, Math.max(0, seam.cut)));
    shifted = { ...shifted, completion: tokens - unsaid };
    return seam.text;
  };
  const pass = (piece: ChoiceDelta): ChoiceDelta => {
    const { content, annotations = [], ...delta } = withoutReasoning(piece.delta);
    let said = content ?? '';
    cited.push(...annotations);
    if (held !== null) {
      held += said;
      said = decide(piece.finish !== null || isMoreThanText(delta));
    }
    const moved = held === null ? cited.map((annotation) => shift(annotation, offset)) : [];
    if (held === null) cited = [];
    return { ...piece, delta: { ...delta, ...(moved.length > 0 ? { annotations: moved } : {}), content: said } };
  };
  return (batch) =>
    batch.map((piece) => {
      if (piece.type === 'choice') return pass(piece);
      return piece.type === 'usage' ? { type: 'usage', usage: shiftUsage(piece.usage, shifted) } : piece;
    });
}

/** The client has seen how the first model came to its answer; the thoughts of the second do not belong to it. */
function withoutReasoning({ reasoning_content: _, reasoning_details: __, ...delta }: ChunkDelta): ChunkDelta {
  return delta;
}

/** The white space that the prefix lost at its end must not come twice: how much of it the continuation has. */
function overlap(sent: string, continuation: string): number {
  const lost = sent.length - sent.trimEnd().length;
  const leading = continuation.length - continuation.trimStart().length;
  return Math.min(lost, leading);
}

function shift({ type, url_citation: citation }: Annotation, by: number): Annotation {
  const range = { start_index: citation.start_index + by, end_index: citation.end_index + by };
  return { type, url_citation: { ...citation, ...range } };
}

/** Tokens that were prompt to the model that went on and are not to the client, and those that are its answer as well. */
interface Shift {
  readonly prompt: number;
  readonly completion: number;
  /** About how long the conversation is by itself. */
  readonly promptTokens: number;
}

/** What was told was prompt to the model that went on, and is answer to the client. Some providers do not count it. */
function shiftUsage(usage: Usage, by: Shift): Usage {
  const prompt = Math.max(usage.prompt_tokens - by.prompt, Math.min(usage.prompt_tokens, by.promptTokens));
  const completion = Math.max(0, usage.completion_tokens + by.completion);
  return { ...usage, prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
