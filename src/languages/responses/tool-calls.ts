import type { ToolCallDelta } from '../../protocol/delta.ts';
import { type JsonRecord, parseJson, stringOf } from '../../protocol/json.ts';
import type { NewId } from '../dialect.ts';
import { restOf } from './reported-text.ts';

interface OpenOutputCall {
  readonly index: number;
  readonly isCustom: boolean;
  arguments: string;
  isSigned: boolean;
}

/** Follows the client's tool calls of one answer; each is told once, its arguments piece by piece or whole. */
export interface ResponsesCalls {
  count(): number;
  /** An item that began. Items that are no call of the client give nothing. */
  open(item: JsonRecord, outputIndex: unknown): ToolCallDelta[];
  /** An item that is whole. */
  close(item: JsonRecord, outputIndex: unknown): ToolCallDelta[];
  /** A piece of the arguments of a call that began. */
  add(event: JsonRecord, piece: string): ToolCallDelta[];
  /** The whole arguments of a call that began. */
  fill(event: JsonRecord, whole: string): ToolCallDelta[];
  /** Arguments that were never sent: a call without arguments must still carry a JSON object. */
  end(): ToolCallDelta[];
  /** True when the arguments of some call are no JSON: the answer was cut by its token limit. */
  isTruncated(): boolean;
}

/** @param isClientCall false for functions that are the provider's own steps */
export function createResponsesCalls(newId: NewId, isClientCall: (name: string) => boolean): ResponsesCalls {
  const calls: OpenOutputCall[] = [];
  // Named by its call id in items, by its item id in events of arguments.
  const byCallId = new Map<string, OpenOutputCall>();
  const byItemId = new Map<string, OpenOutputCall>();
  const byPlace = new Map<unknown, OpenOutputCall>();

  const open = (item: JsonRecord, outputIndex: unknown): ToolCallDelta[] => {
    const isCustom = item['type'] === 'custom_tool_call';
    const name = stringOf(item['name']);
    const isFunction = item['type'] === 'function_call';
    // No provider runs custom tools: they are the client's, whatever their names.
    if (!name || !(isCustom || (isFunction && isClientCall(name))) || findItem(item)) return [];
    const callId = stringOf(item['call_id']) || stringOf(item['id']);
    const itemId = stringOf(item['id']);
    const call: OpenOutputCall = { index: calls.length, isCustom, arguments: '', isSigned: false };
    calls.push(call);
    if (callId) byCallId.set(callId, call);
    // The first that has it, as long as hosts give several the same.
    if (itemId !== null && !byItemId.has(itemId)) byItemId.set(itemId, call);
    byPlace.set(outputIndex, call);
    const type = isCustom ? 'custom' : 'function';
    return [{ id: callId || newId(), type, ...toDelta(call, { name, arguments: '' }) }];
  };

  const findItem = (item: JsonRecord): OpenOutputCall | undefined => {
    const id = stringOf(item['call_id']) || stringOf(item['id']);
    return id === null ? undefined : byCallId.get(id);
  };

  // Some hosts give an item another id in every event; its place in the output stays.
  const findEvent = (event: JsonRecord): OpenOutputCall | undefined =>
    byItemId.get(stringOf(event['item_id']) ?? '') ?? byPlace.get(event['output_index']);

  const report = (call: OpenOutputCall | undefined, piece: string): ToolCallDelta[] => {
    if (call === undefined || piece === '') return [];
    call.arguments += piece;
    return [toDelta(call, { arguments: piece })];
  };

  const fill = (call: OpenOutputCall | undefined, whole: string): ToolCallDelta[] =>
    report(call, restOf(whole, call?.arguments ?? ''));

  // Perplexity passes on what Gemini has signed, and wants it back.
  const sign = (call: OpenOutputCall | undefined, signature: string | null): ToolCallDelta[] => {
    if (call === undefined || !signature || call.isSigned) return [];
    call.isSigned = true;
    return [{ ...toDelta(call, { arguments: '' }), extra_content: { google: { thought_signature: signature } } }];
  };

  return {
    count: () => calls.length,
    open,
    close(item, outputIndex) {
      const opened = open(item, outputIndex);
      const call = opened.length > 0 ? calls.at(-1) : findItem(item);
      const filled = fill(call, stringOf(item['arguments']) ?? stringOf(item['input']) ?? '');
      return [...opened, ...filled, ...sign(call, stringOf(item['thought_signature']))];
    },
    add: (event, piece) => report(findEvent(event), piece),
    fill: (event, whole) => fill(findEvent(event), whole),
    end: () =>
      calls.filter((call) => !call.isCustom && call.arguments.trim() === '').flatMap((call) => report(call, '{}')),
    isTruncated: () => calls.some((call) => !call.isCustom && parseJson(call.arguments) === undefined),
  };
}

function toDelta(call: OpenOutputCall, body: { name?: string; arguments: string }): ToolCallDelta {
  if (!call.isCustom) return { index: call.index, function: body };
  const { arguments: input, ...name } = body;
  return { index: call.index, custom: { ...name, input } };
}
