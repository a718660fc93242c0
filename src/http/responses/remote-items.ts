import type { KeptItem, NewItem, RemotePlace } from '../../conversations/records.ts';
import { isRecord, type JsonRecord, parseJson, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';

const TYPE = 'item_reference';

/** The items of an answer that its provider keeps, as references: by these it is known whose they are. */
export function toRemoteItems(output: unknown, { provider, key }: RemotePlace): readonly NewItem[] {
  const state = JSON.stringify({ provider, key });
  return recordsOf(output).flatMap((item) => toRemoteItem(item, state));
}

function toRemoteItem({ id }: JsonRecord, state: string): NewItem[] {
  if (typeof id !== 'string' || id === '') return [];
  return [{ id, type: TYPE, body: JSON.stringify({ type: TYPE, id }), state, words: '' }];
}

/** Where an item is that a provider keeps; null for one that is kept here. */
export function placeOfItem({ type, state }: KeptItem): Pick<RemotePlace, 'provider' | 'key'> | null {
  const place = type === TYPE && state !== null ? parseJson(state) : null;
  if (!isRecord(place)) return null;
  return { provider: stringOf(recordOf(place)['provider']) ?? '', key: stringOf(place['key']) };
}
