import type { KeptItem, NewItem } from '../../conversations/records.ts';
import type { ResponsesBody } from '../../languages/responses/client-check.ts';
import { toInputItems } from '../../languages/responses/client-input.ts';
import { createItemId, type IdSources, openEnvelope } from '../../languages/responses/words.ts';
import { isRecord, type JsonRecord, parseJson, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import type { Steps } from '../../protocol/turns.ts';

/** An item as it is kept. @param state an envelope with what only its maker reads */
export function toNewItem(item: JsonRecord, state: string | null = null): NewItem {
  return {
    id: stringOf(item['id']) ?? '',
    type: typeOf(item),
    body: JSON.stringify(item),
    state,
    words: wordsIn(item),
  };
}

/** A compaction item from elsewhere stands for nothing: it cannot be read here, and what is before it is still needed. */
function typeOf({ type, encrypted_content: sealed }: JsonRecord): string {
  if (type === 'compaction' && openEnvelope(stringOf(sealed) ?? '')?.kind !== 'summary') return 'compaction of others';
  return stringOf(type) ?? 'message';
}

/** The items of a request as they are kept, in steps for a large one. */
export function* toNewItems(input: ResponsesBody['input'], ids: IdSources): Steps<readonly NewItem[]> {
  const items = yield* toInputItems(input, (type) => createItemId(type, ids));
  return items.map((item) => toNewItem(item));
}

/** What a client is shown of it. */
export function toShown({ body }: KeptItem): JsonRecord {
  return recordOf(parseJson(body));
}

/** Longer texts are found by their beginning. */
const MAX_WORDS = 100_000;

/** What was said, by which a conversation is found; thoughts and results of tools are not searched. */
function wordsIn(item: JsonRecord): string {
  if (item['type'] !== undefined && item['type'] !== 'message') return '';
  const { content } = item;
  if (typeof content === 'string') return content.slice(0, MAX_WORDS);
  const texts = recordsOf(content).map(({ text, refusal }) => stringOf(text) ?? stringOf(refusal) ?? '');
  return texts.join('\n').slice(0, MAX_WORDS);
}

/** One page of items that are all at hand. @returns null where `after` is none of them */
export function pageOf(
  items: readonly JsonRecord[],
  { limit, order, after }: { limit: number; order: 'asc' | 'desc'; after: string | null },
): JsonRecord | null {
  const ordered = order === 'asc' ? items : items.toReversed();
  const start = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0) return null;
  return toList(ordered.slice(start, start + limit), ordered.length > start + limit);
}

/** OpenAI's form of a list. */
export function toList(data: readonly JsonRecord[], hasMore: boolean): JsonRecord {
  const ids = data.map((entry) => (isRecord(entry) ? (entry['id'] ?? null) : null));
  return { object: 'list', data, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null, has_more: hasMore };
}
