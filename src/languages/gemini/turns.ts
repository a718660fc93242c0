import { GatewayError } from '../../protocol/errors.ts';
import { isRecord, type JsonRecord, recordOf } from '../../protocol/json.ts';
import {
  type AnswerMessage,
  type CallPart,
  callsIn,
  type ModelMessage,
  partsIn,
  type ResultMessage,
  wordsOf,
} from '../../protocol/model-message.ts';
import type { RequestOrigin } from '../../protocol/model-request.ts';
import type { FunctionNames } from './names.ts';
import { type GeminiPart, toParts } from './parts.ts';
import type { SignatureStore } from './signature-store.ts';
import { type MessageSignatures, NO_SIGNATURE } from './signatures.ts';
import type { GeminiModel } from './version.ts';

/** What the translation of a history has to know. */
export interface ConversationHistory {
  readonly origin: RequestOrigin;
  readonly model: GeminiModel;
  readonly names: FunctionNames;
  readonly signatures: SignatureStore;
  /** True when the model goes on writing an assistant message that ends the conversation. */
  readonly takesPrefill: boolean;
  /** True where the model may run code. */
  readonly runsCode: boolean;
  /** Reads JSON inside a text; undefined where there is none, or too much of it. */
  parse(text: string): unknown;
}

/** One function call of the history. */
export interface PastCall {
  /** What the result refers to. */
  readonly id: string;
  readonly name: string;
  readonly args: JsonRecord;
  readonly part: CallPart;
}

/** The calls of an assistant message. */
export function readCalls(message: AnswerMessage, { parse }: ConversationHistory): PastCall[] {
  return callsIn(message).map((call) => readCall(call, parse));
}

function readCall(part: CallPart, parse: ConversationHistory['parse']): PastCall {
  const { id, name, isCustom, arguments: text } = part;
  return { id, name, args: isCustom ? { input: text } : parseArguments(text, parse), part };
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
  messages: readonly ModelMessage[],
  from: number,
  origin: RequestOrigin,
): { results: ResultMessage[]; next: number } {
  const asked = new Set(calls.map(({ id }) => id));
  const results: ResultMessage[] = [];
  let next = from;
  for (; next < messages.length; next++) {
    const message = messages[next];
    if (message?.role !== 'tool') break;
    if (!asked.has(message.callId)) throw withoutCall(message, origin);
    results.push(message);
  }
  const answered = new Set(results.map(({ callId }) => callId));
  const missing = calls.filter(({ id }) => !answered.has(id));
  if (missing.length > 0) throw withoutResult(missing, origin);
  return { results, next };
}

function withoutCall(result: ResultMessage, origin: RequestOrigin): GatewayError {
  const message =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  return new GatewayError('invalid_request_error', message, { param: `${origin.pathOf(result)}.role` });
}

function withoutResult(missing: readonly PastCall[], origin: RequestOrigin): GatewayError {
  const ids = missing.map(({ id }) => id).join(', ');
  const message =
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
    `The following tool_call_ids did not have response messages: ${ids}`;
  return new GatewayError('invalid_request_error', message, { param: origin.paramOf('messages') });
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
    const known = signatures.ofCall(call.part, order);
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
  results: readonly ResultMessage[],
  { model, names, parse, origin }: ConversationHistory,
): { responses: GeminiPart[]; media: GeminiPart[] } {
  const byId = Map.groupBy(results, ({ callId }) => callId);
  const taken = new Map<string, number>();
  const later: GeminiPart[] = [];
  const responses = calls.map((call) => {
    // Calls that share an id take its results in turn; the first one stands in where there are too few.
    const at = taken.get(call.id) ?? 0;
    taken.set(call.id, at + 1);
    const own = byId.get(call.id);
    const result = own?.[at] ?? own?.[0];
    const media = mediaOf(result, origin);
    const holdsMedia = media.length > 0 && model.version >= GEMINI_3;
    if (!holdsMedia) for (const part of media) later.push(part);
    const functionResponse = {
      ...idOf(call, model.version),
      name: names.toGemini(call.name),
      response: toResponse(result ? wordsOf(result.content) : '', parse),
      ...(holdsMedia ? { parts: media } : {}),
    };
    return { functionResponse };
  });
  return { responses, media: later };
}

function mediaOf(result: ResultMessage | undefined, origin: RequestOrigin): GeminiPart[] {
  const parts = result ? partsIn(result) : [];
  return toParts(
    parts.filter(({ type }) => type !== 'text' && type !== 'refusal'),
    origin,
  );
}

/** Gemini takes objects only; `output` is the key that its documentation names for everything else. */
function toResponse(text: string, parse: ConversationHistory['parse']): JsonRecord {
  const parsed = parse(text);
  if (isRecord(parsed)) return recordOf(parsed);
  return { output: Array.isArray(parsed) ? parsed : text };
}
