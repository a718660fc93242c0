import type {
  AnswerFields,
  Batch,
  ChoiceDelta,
  ChunkDelta,
  FinishReason,
  Logprobs,
  Usage,
} from '../../protocol/delta.ts';
import { toClientUsage, toUsage } from '../../protocol/delta.ts';
import type { GatewayError } from '../../protocol/errors.ts';
import { DONE_FRAME, toErrorFrame, toFrame } from '../../protocol/sse.ts';
import type { AnswerWriter, Identity } from '../face.ts';
import { type CustomCallWriter, createCustomCallWriter } from './client-custom-calls.ts';

interface PendingChoice {
  readonly index: number;
  customCalls: CustomCallWriter | null;
  finish: FinishReason | null;
  isOpened: boolean;
}

/**
 * Turns the deltas of one answer into strict OpenAI chunks, whatever order the provider sent them in: one id, role
 * first, and finish reason and usage held to the end, because both may come early, twice or with content after them.
 */
export class ChunkStream implements AnswerWriter {
  readonly #identity: Identity;
  readonly #includeUsage: boolean;
  // The unchanging parts are encoded once: stamping a chunk costs no more than encoding its delta.
  readonly #head: string;
  readonly #tail: string;
  #before: string;
  readonly #after: string;
  readonly #choices = new Map<number, PendingChoice>();
  #latest: PendingChoice | null = null;
  #fields: AnswerFields = {};
  #usage: Usage | null = null;

  constructor(identity: Identity, includeUsage: boolean) {
    const { id, created, model } = identity;
    this.#identity = identity;
    this.#includeUsage = includeUsage;
    this.#head = JSON.stringify({ id, object: 'chat.completion.chunk', created, model }).slice(0, -1);
    this.#tail = includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
    this.#before = `data: ${this.#head},"choices":[{"index":`;
    this.#after = `,"logprobs":null,"finish_reason":null}${this.#tail}`;
  }

  /** The frames of one batch as one string; empty when the batch holds nothing to show yet. */
  push({ deltas }: Batch): string {
    let frames = '';
    for (const delta of deltas) {
      if (delta.type === 'choice') frames += this.#choiceFrame(delta);
      else if (delta.type === 'usage') this.#usage = delta.usage;
      else {
        this.#fields = { ...this.#fields, ...delta.fields };
        this.#before = `data: ${this.#head}${topFields(this.#fields)},"choices":[{"index":`;
      }
    }
    return frames;
  }

  /** Finish chunks, usage when it was asked for, and `[DONE]`. */
  end(): string {
    let frames = '';
    for (const [index, choice] of [...this.#choices].sort(([a], [b]) => a - b)) {
      for (const call of choice.customCalls?.end() ?? [])
        frames += this.#frame(index, { tool_calls: [call] }, null, null);
      frames += this.#frame(index, {}, null, choice.finish ?? 'stop');
    }
    // A client that asked for usage waits for it: a provider that counts nothing is told as zeros.
    const usage = this.#usage ?? toUsage({ prompt: 0, completion: 0 });
    if (this.#includeUsage) frames += toFrame(usageChunk(this.#identity, this.#fields, usage));
    return frames + DONE_FRAME;
  }

  fail(error: GatewayError): string {
    return toErrorFrame(error.toBody());
  }

  result(): null {
    return null;
  }

  #choiceFrame(piece: ChoiceDelta): string {
    const { index, logprobs, finish } = piece;
    const choice = this.#choiceAt(index);
    if (finish) choice.finish = finish;
    let { delta } = piece;
    if (delta.tool_calls) {
      choice.customCalls ??= createCustomCallWriter();
      delta = { ...delta, tool_calls: choice.customCalls.write(delta.tool_calls) };
    }
    if (choice.isOpened) return isEmpty(piece) ? '' : this.#frame(index, delta, logprobs, null);
    choice.isOpened = true;
    return this.#frame(index, opening(delta), logprobs, null);
  }

  #choiceAt(index: number): PendingChoice {
    // Mostly there is only one.
    if (this.#latest?.index === index) return this.#latest;
    this.#latest = this.#choices.get(index) ?? { index, customCalls: null, finish: null, isOpened: false };
    this.#choices.set(index, this.#latest);
    return this.#latest;
  }

  #frame(index: number, delta: ChunkDelta, logprobs: Logprobs | null, finish: FinishReason | null): string {
    const said = JSON.stringify(delta);
    if (logprobs === null && finish === null) return `${this.#before}${index},"delta":${said}${this.#after}`;
    const top = topFields(this.#fields) + (finish ? closingFields(this.#fields) : '');
    const end = `,"logprobs":${JSON.stringify(logprobs)},"finish_reason":${JSON.stringify(finish)}}${this.#tail}`;
    return `data: ${this.#head}${top},"choices":[{"index":${index},"delta":${said}${end}`;
  }
}

/** The first delta of a choice: the role, and the nulls and empty strings that OpenAI opens a choice with. */
function opening(delta: ChunkDelta): ChunkDelta {
  const content = delta.content ?? (delta.tool_calls ? null : '');
  return { role: 'assistant', ...delta, content, refusal: delta.refusal ?? null };
}

function isEmpty(piece: ChoiceDelta): boolean {
  if (piece.logprobs || piece.delta.content) return false;
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
