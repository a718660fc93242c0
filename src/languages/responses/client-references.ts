import { GatewayError } from '../../protocol/errors.ts';
import { type JsonRecord, stringOf } from '../../protocol/json.ts';
import type { ResponsesBody } from './client-check.ts';
import { itemTypeOf } from './client-item-type.ts';
import { isLookedUp } from './words.ts';

/** The ids of kept items that the input refers to, each once: a client says `{id}` for what it knows to be stored. */
export function referencesIn({ input }: ResponsesBody): readonly string[] {
  if (!Array.isArray(input)) return [];
  const references = (input as readonly JsonRecord[]).filter(isReference);
  return [...new Set(references.map(idOf))];
}

/** The ids of items that a provider which keeps them looks up, though the input does not say that it refers to them. */
export function lookedUpIn({ input }: ResponsesBody): readonly string[] {
  if (!Array.isArray(input)) return [];
  const items = (input as readonly JsonRecord[]).filter((item) => isLookedUp(item) && !isReference(item));
  return items.map(idOf);
}

/**
 * The body with what it refers to in place of the references.
 * @param kept the items of this owner, by their ids
 * @throws GatewayError 400 for one that is not among them
 */
export function withReferences(body: ResponsesBody, kept: ReadonlyMap<string, JsonRecord>): ResponsesBody {
  const { input } = body;
  if (!Array.isArray(input) || !input.some(isReference)) return body;
  const items = input.map((item: JsonRecord) => {
    if (!isReference(item)) return item;
    const found = kept.get(idOf(item));
    if (found === undefined) throw unknownItem(idOf(item), body.store === false);
    return found;
  });
  return { ...body, input: items };
}

/** OpenAI's error for a reference to nothing. @param isUnstored where the client keeps nothing: it may wonder why */
export function unknownItem(id: string, isUnstored: boolean): GatewayError {
  const reason =
    ' Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.';
  const message = `Item with id '${id}' not found.${isUnstored ? reason : ''}`;
  return new GatewayError('invalid_request_error', message, { param: 'input', bodyCode: null });
}

function isReference(item: JsonRecord): boolean {
  return itemTypeOf(item) === 'item_reference';
}

function idOf(item: JsonRecord): string {
  return stringOf(item['id']) ?? '';
}
