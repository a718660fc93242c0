import { type CustomCallWriter, createCustomCallWriter } from './custom-calls.ts';
import type { AnswerFields, ChoiceDelta, ChunkDelta, Delta, FinishReason, Logprobs, Usage } from './delta.ts';
import { toClientUsage, toUsage } from './delta.ts';
import { DONE_FRAME, toFrame } from './sse.ts';

/** What is the same on every chunk of one answer. `created` is in seconds. */
export interface Identity {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** The writer of one streamed answer. */
export interface Envelope {
  /** The frames of one batch as one string; empty when the batch holds nothing to show yet. */
  push(batch: readonly Delta[]): string;
  /** Finish chunks, usage when it was asked for, and `[DONE]`. */
  end(): string;
}

interface OpenChoice {
  finish: FinishReason | null;
  readonly customCalls: CustomCallWriter;
}

/**
 * Turns deltas into strict OpenAI chunks, whatever order the provider sent them in: one id, role first,
 * and finish reason and usage held to the end, because both may come early, twice or with content after them.
 */
export function createEnvelope(identity: Identity, includeUsage: boolean): Envelope {
  // The unchanging part is encoded once: stamping a chunk costs no more than encoding its delta.
  const { id, created, model } = identity;
  const head = JSON.stringify({ id, object: 'chat.completion.chunk', created, model }).slice(0, -1);
  const tail = includeUsage ? ',"usage":null}\n\n' : '}\n\n';
  const choices = new Map<number, OpenChoice>();
  let fields: AnswerFields = {};
  let top = '';
  let usage: Usage | null = null;

  const frame = (index: number, delta: ChunkDelta, logprobs: Logprobs | null, finish: FinishReason | null): string =>
    `data: ${head}${top}${finish ? closingFields(fields) : ''},"choices":[{"index":${index},"delta":${JSON.stringify(delta)}` +
    `,"logprobs":${logprobs ? JSON.stringify(logprobs) : 'null'},"finish_reason":${finish ? `"${finish}"` : 'null'}}]${tail}`;

  const choiceFrame = (piece: ChoiceDelta): string => {
    let choice = choices.get(piece.index);
    const isFirst = choice === undefined;
    if (choice === undefined) {
      choice = { finish: null, customCalls: createCustomCallWriter() };
      choices.set(piece.index, choice);
    }
    if (piece.finish) choice.finish = piece.finish;
    const calls = piece.delta.tool_calls;
    const delta = calls ? { ...piece.delta, tool_calls: choice.customCalls.write(calls) } : piece.delta;
    if (isFirst) return frame(piece.index, opening(delta), piece.logprobs, null);
    return isEmpty(piece) ? '' : frame(piece.index, delta, piece.logprobs, null);
  };

  return {
    push(batch) {
      let frames = '';
      for (const delta of batch) {
        if (delta.type === 'choice') frames += choiceFrame(delta);
        else if (delta.type === 'usage') usage = delta.usage;
        else {
          fields = { ...fields, ...delta.fields };
          top = topFields(fields);
        }
      }
      return frames;
    },
    end() {
      let frames = '';
      for (const [index, choice] of [...choices].sort(([a], [b]) => a - b)) {
        for (const call of choice.customCalls.end()) frames += frame(index, { tool_calls: [call] }, null, null);
        frames += frame(index, {}, null, choice.finish ?? 'stop');
      }
      // Whoever asked for usage waits for it: a provider that counts nothing is told as zeros.
      if (includeUsage) frames += toFrame(usageChunk(identity, fields, usage ?? toUsage({ prompt: 0, completion: 0 })));
      return frames + DONE_FRAME;
    },
  };
}

/** The first delta of a choice: the role, and the nulls and empty strings that OpenAI opens a choice with. */
function opening(delta: ChunkDelta): ChunkDelta {
  const content = delta.content ?? (delta.tool_calls ? null : '');
  return { role: 'assistant', ...delta, content, refusal: delta.refusal ?? null };
}

function isEmpty(piece: ChoiceDelta): boolean {
  if (piece.logprobs) return false;
  for (const key in piece.delta) {
    const value = piece.delta[key as keyof ChunkDelta];
    const isNothing =
      value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
    if (!isNothing && key !== 'role') return false;
  }
  return true;
}

function topFields(fields: AnswerFields): string {
  let text = '';
  if (fields.service_tier) text += `,"service_tier":${JSON.stringify(fields.service_tier)}`;
  if (fields.system_fingerprint) text += `,"system_fingerprint":${JSON.stringify(fields.system_fingerprint)}`;
  return text;
}

/** What is long and the same for the whole answer stands on the finish chunks alone. */
function closingFields(fields: AnswerFields): string {
  let text = '';
  if (fields.citations) text += `,"citations":${JSON.stringify(fields.citations)}`;
  if (fields.search_results) text += `,"search_results":${JSON.stringify(fields.search_results)}`;
  if (fields.moderation !== undefined) text += `,"moderation":${JSON.stringify(fields.moderation)}`;
  return text;
}

function usageChunk(identity: Identity, fields: AnswerFields, usage: Usage): object {
  return {
    id: identity.id,
    object: 'chat.completion.chunk',
    created: identity.created,
    model: identity.model,
    ...(fields.service_tier ? { service_tier: fields.service_tier } : {}),
    choices: [],
    usage: toClientUsage(usage),
  };
}
