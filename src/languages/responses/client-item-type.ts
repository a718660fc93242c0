import { type JsonRecord, stringOf } from '../../protocol/json.ts';

/** Clients leave out the type of messages (`{role, content}`), and of references (`{id}`). */
export function itemTypeOf(item: JsonRecord): string {
  const { type, role, content, id } = item;
  const own = stringOf(type);
  if (own !== null) return own;
  return role == null && content == null && typeof id === 'string' ? 'item_reference' : 'message';
}
