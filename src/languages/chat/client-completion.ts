import type {
  Annotation,
  AnswerFields,
  ChoiceDelta,
  ChunkDelta,
  Delta,
  FinishReason,
  Logprobs,
  TokenLogprob,
  ToolCallDelta,
  Usage,
} from '../../protocol/delta.ts';
import { toClientUsage } from '../../protocol/delta.ts';
import { recordsOf } from '../../protocol/json.ts';
import type { Identity } from '../face.ts';
import { ReasoningDetails } from '../reasoning-details.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface FoldedCall {
  id: string;
  type: 'function' | 'custom';
  name: string;
  arguments: string;
  extra: ToolCallDelta['extra_content'];
}

/** Own arrays that grow in place: a stream may add to them with every token. */
interface AnswerLists {
  annotations: Annotation[];
  images: unknown[];
  reasoning_details: ReasoningDetails;
}

interface FoldedChoice {
  readonly message: Omit<ChunkDelta, 'tool_calls' | 'function_call' | 'audio' | keyof AnswerLists>;
  readonly lists: AnswerLists;
  readonly calls: Map<number, FoldedCall>;
  functionCall: { name: string; arguments: string } | null;
  audio: Mutable<Record<string, unknown>> | null;
  readonly logprobs: { content: TokenLogprob[] | null; refusal: TokenLogprob[] | null };
  hasLogprobs: boolean;
  finish: FinishReason | null;
}

/** An answer put together from its deltas; `toBody` gives OpenAI's `chat.completion`. */
export interface Completion {
  add(batch: readonly Delta[]): void;
  toBody(identity: Identity): object;
}

/** Folds deltas into one completion. Streams and whole answers go through the same fold, so they cannot differ. */
export function createCompletion(): Completion {
  const choices = new Map<number, FoldedChoice>();
  let fields: AnswerFields = {};
  let usage: Usage | null = null;
  return {
    add(batch) {
      for (const delta of batch) {
        if (delta.type === 'choice') fold(choiceAt(choices, delta.index), delta);
        else if (delta.type === 'usage') usage = delta.usage;
        else fields = { ...fields, ...delta.fields };
      }
    },
    toBody(identity) {
      return {
        id: identity.id,
        object: 'chat.completion',
        created: identity.created,
        model: identity.model,
        choices: [...choices].sort(([a], [b]) => a - b).map(([index, choice]) => toChoice(index, choice)),
        ...(usage ? { usage: toClientUsage(usage) } : {}),
        ...(fields.service_tier ? { service_tier: fields.service_tier } : {}),
        system_fingerprint: fields.system_fingerprint ?? null,
        ...(fields.moderation === undefined ? {} : { moderation: fields.moderation }),
        ...(fields.citations ? { citations: fields.citations } : {}),
        ...(fields.search_results ? { search_results: fields.search_results } : {}),
      };
    },
  };
}

function choiceAt(choices: Map<number, FoldedChoice>, index: number): FoldedChoice {
  let choice = choices.get(index);
  if (choice === undefined) {
    choice = {
      message: {},
      lists: { annotations: [], images: [], reasoning_details: new ReasoningDetails() },
      calls: new Map(),
      functionCall: null,
      audio: null,
      logprobs: { content: null, refusal: null },
      hasLogprobs: false,
      finish: null,
    };
    choices.set(index, choice);
  }
  return choice;
}

function fold(choice: FoldedChoice, piece: ChoiceDelta): void {
  const { delta } = piece;
  const { message, lists } = choice;
  if (typeof delta.content === 'string') message.content = (message.content ?? '') + delta.content;
  if (delta.refusal) message.refusal = (message.refusal ?? '') + delta.refusal;
  if (delta.reasoning_content) {
    message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content;
  }
  for (const detail of recordsOf(delta.reasoning_details)) lists.reasoning_details.add(detail);
  for (const annotation of delta.annotations ?? []) lists.annotations.push(annotation);
  for (const image of delta.images ?? []) lists.images.push(image);
  if (delta.extra_content) message.extra_content = delta.extra_content;
  if (delta.audio) choice.audio = mergeAudio(choice.audio ?? {}, delta.audio);
  if (delta.function_call) choice.functionCall = mergeFunctionCall(choice.functionCall, delta.function_call);
  for (const call of delta.tool_calls ?? []) foldCall(choice.calls, call);
  if (piece.logprobs) foldLogprobs(choice, piece.logprobs);
  if (piece.finish) choice.finish = piece.finish;
}

function foldCall(calls: Map<number, FoldedCall>, delta: ToolCallDelta): void {
  const call = calls.get(delta.index) ?? { id: '', type: 'function', name: '', arguments: '', extra: undefined };
  call.id ||= delta.id ?? '';
  call.type = delta.type ?? call.type;
  call.name ||= delta.function?.name ?? delta.custom?.name ?? '';
  call.arguments += delta.function?.arguments ?? delta.custom?.input ?? '';
  call.extra = delta.extra_content ?? call.extra;
  calls.set(delta.index, call);
}

function foldLogprobs(choice: FoldedChoice, logprobs: Logprobs): void {
  choice.hasLogprobs = true;
  const folded = choice.logprobs;
  for (const key of ['content', 'refusal'] as const) {
    if (logprobs[key] === null) continue;
    folded[key] ??= [];
    for (const token of logprobs[key]) folded[key].push(token);
  }
}

function toChoice(index: number, choice: FoldedChoice): object {
  const { message, lists } = choice;
  const calls = [...choice.calls].sort(([a], [b]) => a - b).map(([, call]) => toToolCall(call));
  return {
    index,
    message: {
      role: 'assistant',
      ...message,
      // An empty text beside tool calls says nothing: OpenAI writes null there.
      content: calls.length > 0 ? message.content || null : (message.content ?? null),
      refusal: message.refusal ?? null,
      ...withEntries(lists),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
      ...(choice.functionCall ? { function_call: choice.functionCall } : {}),
      ...(choice.audio ? { audio: choice.audio } : {}),
    },
    logprobs: choice.hasLogprobs ? choice.logprobs : null,
    finish_reason: choice.finish ?? 'stop',
  };
}

function withEntries({ annotations, images, reasoning_details }: AnswerLists): object {
  const filled: { -readonly [K in keyof AnswerLists]?: unknown } = {};
  if (annotations.length > 0) filled.annotations = annotations;
  if (images.length > 0) filled.images = images;
  if (reasoning_details.list.length > 0) filled.reasoning_details = reasoning_details.list;
  return filled;
}

function toToolCall(call: FoldedCall): object {
  const extra = call.extra ? { extra_content: call.extra } : {};
  if (call.type === 'custom')
    return { id: call.id, type: 'custom', custom: { name: call.name, input: call.arguments } };
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments }, ...extra };
}

function mergeFunctionCall(
  before: FoldedChoice['functionCall'],
  piece: { readonly name?: string; readonly arguments?: string },
): { name: string; arguments: string } {
  return {
    name: before?.name || (piece.name ?? ''),
    arguments: (before?.arguments ?? '') + (piece.arguments ?? ''),
  };
}

/** Audio comes as base64 `data` and `transcript` pieces; the other fields arrive once. */
function mergeAudio(
  before: Record<string, unknown>,
  piece: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { id: '', expires_at: 0, data: '', transcript: '', ...before };
  for (const [key, value] of Object.entries(piece)) {
    const isText = (key === 'data' || key === 'transcript') && typeof value === 'string';
    merged[key] = isText ? `${merged[key]}${value}` : value;
  }
  return merged;
}
