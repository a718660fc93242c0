import type { Origin } from '../answer/parts.ts';
import type { ResponseFacts, ResponseItem } from '../answer/turn.ts';
import { getJson } from './client.ts';

/** A page of items, in their order. */
export interface ItemPage {
  readonly items: readonly ResponseItem[];
  /** Whether something was said before them. */
  readonly hasOlder: boolean;
}

/** What was said last, or last before an item. @param limit so many items at most */
export async function listItems(
  id: string,
  before: string | null,
  abort?: AbortSignal,
  limit = PAGE,
): Promise<ItemPage> {
  const after = before === null ? '' : `&after=${encodeURIComponent(before)}`;
  const path = `/v1/conversations/${id}/items?order=desc&limit=${limit}&responses=true${after}`;
  const { data, has_more: hasOlder, responses } = await getJson<ItemList>(path, abort);
  const items = data.map((item) => ({ ...item, said_by: responses?.[item.id ?? ''] ?? null }));
  return { items: items.toReversed(), hasOlder };
}

/** So many are drawn at once. */
const PAGE = 50;

interface ItemList {
  readonly data: readonly ResponseItem[];
  readonly has_more: boolean;
  /** Which response said, or was asked, which item, by its id. */
  readonly responses?: Readonly<Record<string, Origin>>;
}

/** What a response was asked, which is no part of the conversation until it is answered. */
export async function listInput(id: string, abort: AbortSignal): Promise<readonly ResponseItem[]> {
  return (await getJson<ItemList>(`/v1/responses/${id}/input_items?order=asc`, abort)).data;
}

/** A response as it is stored. */
export function readResponse(id: string, abort?: AbortSignal): Promise<ResponseFacts> {
  return getJson(`/v1/responses/${id}`, abort);
}
