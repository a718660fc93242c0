import {
  type AssistantMessage,
  type Content,
  type Message,
  partsOf,
  type ToolCall,
  textOf,
} from '../../protocol/chat.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { isRecord, type JsonRecord, recordOf } from '../../protocol/json.ts';
import { plainCallId } from '../chat/words.ts';
import type { FunctionNames } from './names.ts';
import { type GeminiPart, toParts } from './parts.ts';
import type { SignatureStore } from './signature-store.ts';
import { type MessageSignatures, NO_SIGNATURE } from './signatures.ts';
import type { GeminiModel } from './version.ts';

/** What the translation of a history has to know. */
export interface ConversationHistory {
  readonly model: GeminiModel;
  readonly names: FunctionNames;
  readonly signatures: SignatureStore;
  /** True when the model goes on writing an assistant message that ends the conversation. */
  readonly takesPrefill: boolean;
  /** Reads JSON inside a text; undefined where there is none, or too much of it. */
  parse(text: string): unknown;
}

/** One function call of the history. */
export interface PastCall {
  /** What the result refers to. */
  readonly id: string;
  readonly name: string;
  readonly args: JsonRecord;
  readonly source: ToolCall;
}

/** The result of one call, and where it stands among the messages. */
export interface PastResult {
  readonly id: string;
  readonly content: Content | null | undefined;
  readonly at: number;
}

/** The calls of an assistant message. */
export function readCalls(message: AssistantMessage, { parse }: ConversationHistory): PastCall[] {
  return (message.tool_calls ?? []).map((call) => readCall(call, parse));
}

function readCall(source: ToolCall, parse: ConversationHistory['parse']): PastCall {
  const id = plainCallId(source.id);
  const { custom } = source;
  const name = source.function?.name ?? custom?.name ?? '';
  const args = custom ? { input: custom.input } : parseArguments(source.function?.arguments ?? '', parse);
  return { id, name, args, source };
}

/** Gemini takes objects only. What a model wrote otherwise stays visible to the next one. */
function parseArguments(text: string, parse: ConversationHistory['parse']): JsonRecord {
  if (text.trim() === '') return {};
  const parsed = parse(text);
  return isRecord(parsed) ? parsed : { _raw: text };
}

/**
 * The results that follow the calls of one message, and the place of the next other message.
 * @throws GatewayError 400, in OpenAI's words, for a call without a result or a result without a call
 */
export function takeResults(
  calls: readonly PastCall[],
  messages: readonly Message[],
  from: number,
): { results: PastResult[]; next: number } {
  const asked = new Set(calls.map(({ id }) => id));
  const results: PastResult[] = [];
  let next = from;
  for (; next < messages.length; next++) {
    const message = messages[next];
    if (message?.role !== 'tool') break;
    const id = plainCallId(message.tool_call_id);
    if (!asked.has(id)) throw withoutCall(next);
    results.push({ id, content: message.content, at: next });
  }
  const answered = new Set(results.map(({ id }) => id));
  const missing = calls.filter(({ id }) => !answered.has(id));
  if (missing.length > 0) throw withoutResult(missing);
  return { results, next };
}

function withoutCall(at: number): GatewayError {
  const message =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  return new GatewayError('invalid_request_error', message, { param: `messages[${at}].role` });
}

function withoutResult(missing: readonly PastCall[]): GatewayError {
  const ids = missing.map(({ id }) => id).join(', ');
  const message =
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
    `The following tool_call_ids did not have response messages: ${ids}`;
  return new GatewayError('invalid_request_error', message, { param: 'messages' });
}

/** From this version on calls have ids and signatures are asked for. */
const GEMINI_3 = 300;

/** Calls as Gemini's `functionCall` parts, with ids and signatures where the model wants them. */
export function toCallParts(
  calls: readonly PastCall[],
  signatures: MessageSignatures,
  { model, names }: ConversationHistory,
): GeminiPart[] {
  return calls.map((call, order) => {
    const functionCall = { ...idOf(call, model.version), name: names.toGemini(call.name), args: call.args };
    const known = signatures.ofCall(call.source, order);
    // Only the first of parallel calls has to have one.
    const signature = known || (order === 0 && model.version >= GEMINI_3 ? NO_SIGNATURE : null);
    return signature === null ? { functionCall } : { functionCall, thoughtSignature: signature };
  });
}

/** Gemini 2 knows no ids; later models want them on the call and on its result, or on neither. */
function idOf({ id }: PastCall, version: number): { id?: string } {
  return id && version >= GEMINI_3 ? { id } : {};
}

/** One response per call, in the order of the calls. Media that a response cannot hold follows as the user's. */
export function toResultParts(
  calls: readonly PastCall[],
  results: readonly PastResult[],
  { model, names, parse }: ConversationHistory,
): { responses: GeminiPart[]; media: GeminiPart[] } {
  const byId = Map.groupBy(results, ({ id }) => id);
  const taken = new Map<string, number>();
  const later: GeminiPart[] = [];
  const responses = calls.map((call) => {
    // Calls that share an id take its results in turn; the first one stands in where there are too few.
    const at = taken.get(call.id) ?? 0;
    taken.set(call.id, at + 1);
    const own = byId.get(call.id);
    const result = own?.[at] ?? own?.[0];
    const media = mediaOf(result);
    const holdsMedia = media.length > 0 && model.version >= GEMINI_3;
    if (!holdsMedia) for (const part of media) later.push(part);
    const functionResponse = {
      ...idOf(call, model.version),
      name: names.toGemini(call.name),
      response: toResponse(textOf(result?.content), parse),
      ...(holdsMedia ? { parts: media } : {}),
    };
    return { functionResponse };
  });
  return { responses, media: later };
}

function mediaOf(result: PastResult | undefined): GeminiPart[] {
  const parts = partsOf(result?.content).filter(({ type }) => type !== 'text' && type !== 'refusal');
  return toParts(parts, `messages[${result?.at ?? 0}].content`);
}

/** Gemini takes objects only; `output` is the key that its documentation names for everything else. */
function toResponse(text: string, parse: ConversationHistory['parse']): JsonRecord {
  const parsed = parse(text);
  if (isRecord(parsed)) return recordOf(parsed);
  return { output: Array.isArray(parsed) ? parsed : text };
}
