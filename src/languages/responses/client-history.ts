import { GatewayError } from '../../protocol/errors.ts';
import { type JsonRecord, stringOf } from '../../protocol/json.ts';
import type { ResponsesBody } from './client-check.ts';
import { itemsIn } from './client-input.ts';
import { itemTypeOf } from './client-item-type.ts';
import type { Envelope } from './words.ts';

/** An item, its type, and its place in the client's input. */
export interface PlacedItem {
  readonly item: JsonRecord;
  readonly type: string;
  /** {@link CONTEXT} for one of an earlier turn. */
  readonly at: number;
}

/** The place of what stands before the client's own input. */
export const CONTEXT = -1;

/** Opens what is sealed in an item; null for a blob from elsewhere. */
export type OpenEnvelope = (sealed: string) => Envelope | null;

/** All items of a conversation in their order: those of its context, then the client's own. */
export function placedItems({ input }: ResponsesBody, context: readonly JsonRecord[]): readonly PlacedItem[] {
  const before = context.map((item) => toPlaced(item, CONTEXT));
  return [...before, ...itemsIn(input).map(toPlaced)];
}

function toPlaced(item: JsonRecord, at: number): PlacedItem {
  return { item, type: itemTypeOf(item), at };
}

/**
 * The items that a model sees: from the last summary of the conversation on, without the thoughts that the client wants
 * forgotten.
 * @param isPart whether more of the conversation stands elsewhere
 * @throws GatewayError 400, in OpenAI's words, for a call without its output or an output without its call
 */
export function visibleItems(
  items: readonly PlacedItem[],
  { reasoning }: ResponsesBody,
  open: OpenEnvelope,
  isPart = false,
): readonly PlacedItem[] {
  const left = sinceSummary(items, open);
  if (!isPart) checkPairs(left);
  return reasoning?.context === 'current_turn' ? withoutEarlierThoughts(left) : left;
}

/**
 * The last compaction item that can be read stands for all before it, but for what the user said right before: that is
 * kept word for word beside a summary, by OpenAI as well.
 */
function sinceSummary(items: readonly PlacedItem[], open: OpenEnvelope): readonly PlacedItem[] {
  const summary = items.findLastIndex(
    ({ type, item }) => type === 'compaction' && open(stringOf(item['encrypted_content']) ?? '')?.kind === 'summary',
  );
  if (summary < 1) return items;
  const before = items.slice(0, summary).findLastIndex((placed) => !isOfUser(placed));
  return items.slice(before + 1);
}

function isOfUser({ type, item }: PlacedItem): boolean {
  return type === 'message' && item['role'] === 'user';
}

function withoutEarlierThoughts(items: readonly PlacedItem[]): readonly PlacedItem[] {
  const turn = items.findLastIndex(isOfUser);
  return items.filter(({ type }, at) => type !== 'reasoning' || at > turn);
}

/** Types of calls that the client answers, and of what they came to. */
const CALL_TYPES: ReadonlySet<string> = new Set([
  'function_call',
  'custom_tool_call',
  'tool_search_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
]);
const OUTPUT_TYPES: ReadonlySet<string> = new Set([
  'function_call_output',
  'custom_tool_call_output',
  'tool_search_output',
  'local_shell_call_output',
  'shell_call_output',
  'apply_patch_call_output',
]);

/** The id by which a call and its output find each other; null for an item that is neither, or a search of the server. */
export function pairIdOf({ item, type }: PlacedItem): string | null {
  if (!isCall(type) && !isOutput(type)) return null;
  const own = stringOf(item['call_id']);
  // Of a local shell, OpenAI's schema has the id of the call as that of the output.
  return own ?? (type === 'local_shell_call_output' ? stringOf(item['id']) : null);
}

/** True for a call that the client answers. @param type of an item */
export function isCall(type: string): boolean {
  return CALL_TYPES.has(type);
}

/** True for what such a call came to. @param type of an item */
export function isOutput(type: string): boolean {
  return OUTPUT_TYPES.has(type);
}

/** As OpenAI checks them, over all turns; calls that are `async` may stay open. */
function checkPairs(items: readonly PlacedItem[]): void {
  const called = new Set<string>();
  const open = new Map<string, PlacedItem>();
  for (const placed of items) {
    const id = pairIdOf(placed);
    if (id === null) continue;
    if (isCall(placed.type)) {
      called.add(id);
      open.set(id, placed);
    } else {
      if (!called.has(id)) throw unpaired(`No tool call found for ${words(placed.type)} with call_id ${id}.`);
      open.delete(id);
    }
  }
  for (const [id, { type, item }] of open) {
    if (item['async'] !== true) throw unpaired(`No tool output found for ${words(type)} ${id}.`);
  }
}

function words(type: string): string {
  return type.replaceAll('_', ' ');
}

function unpaired(message: string): GatewayError {
  return new GatewayError('invalid_request_error', message, { param: 'input', bodyCode: null });
}
