import type { JsonRecord } from '../../protocol/json.ts';
import { isRecord, stringOf } from '../../protocol/json.ts';
import type { Steps } from '../../protocol/turns.ts';
import type { ResponsesBody } from './client-check.ts';
import { itemTypeOf } from './client-item-type.ts';
import type { InputItem } from './words.ts';

/** Items that are made in one step. */
const ITEMS_PER_STEP = 1000;

/**
 * The input as a store keeps it and `input_items` shows it: each item with a type, an id and its content as parts. A
 * client's own id is kept: it is data, and refers to nothing.
 * @param newId for an item without one, by its type
 */
export function* toInputItems(input: ResponsesBody['input'], newId: (type: string) => string): Steps<InputItem[]> {
  const items: InputItem[] = [];
  for (const item of itemsIn(input)) {
    items.push(toInputItem(item, newId));
    if (items.length % ITEMS_PER_STEP === 0) yield;
  }
  return items;
}

/** The input as items, in whatever form; a text is what the user says. */
export function itemsIn(input: ResponsesBody['input']): readonly JsonRecord[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  return input ?? [];
}

/** Types whose items have no status. */
const STATELESS: ReadonlySet<string> = new Set([
  'additional_tools',
  'compaction',
  'compaction_trigger',
  'configuration_update',
  'item_reference',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_list_tools',
  'program',
]);

function toInputItem(item: JsonRecord, newId: (type: string) => string): InputItem {
  const type = itemTypeOf(item);
  const said = withoutNulls(item);
  const id = stringOf(said['id']) || newId(type);
  const status = STATELESS.has(type) ? {} : { status: said['status'] ?? 'completed' };
  return { ...said, id, type, ...status, ...formOf(type, said) };
}

/** SDKs write null for what is absent, and read it back as wrong. */
function withoutNulls(item: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null));
}

function formOf(type: string, { role, content, summary }: JsonRecord): JsonRecord {
  if (type === 'reasoning') return { summary: summary ?? [] };
  if (type !== 'message') return {};
  if (typeof content === 'string') return { content: [toTextPart(role, content)] };
  return Array.isArray(content) ? { content: content.map((part) => toKeptPart(part)) } : {};
}

function toTextPart(role: unknown, text: string): JsonRecord {
  return role === 'assistant' ? { type: 'output_text', text, annotations: [] } : { type: 'input_text', text };
}

/** What a model said has annotations, be it none. */
function toKeptPart(part: unknown): unknown {
  if (!isRecord(part)) return part;
  const said = withoutNulls(part);
  return said['type'] === 'output_text' ? { annotations: [], ...said } : said;
}
