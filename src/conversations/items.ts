import { marks, type Operation, rowsOf, type SqlRow } from '../database/operation.ts';
import { cutBlobs, withBlobs } from './blobs.ts';
import type { KeptItem, NewItem } from './records.ts';
import { termsOf } from './word-search.ts';

/** Where items go: a turn of a thread, and in it what was asked (0) or what was answered (1). */
export interface TurnPart {
  readonly owner: string;
  readonly thread: string;
  readonly turn: number;
  readonly part: 0 | 1;
}

const COLUMNS = 11;
/** SQLite takes 32,766 values in a statement; shorter ones are parsed sooner, and few texts are prepared. */
const ROWS_AT_ONCE = 50;

/** Puts items into a turn, in their order. @param isFound whether their words can be looked for */
export function* insertItems(place: TurnPart, items: readonly NewItem[], isFound: boolean): Operation<void> {
  const cut = yield* cutBlobs(
    place.owner,
    items.map(({ body }) => body),
  );
  const rows = items.map((item, seq) => [
    ...[place.thread, place.turn, place.part, seq, place.owner, item.id, item.type, bytesOf([item])],
    ...[cut[seq]?.blobs ?? null, item.state === null ? null : JSON.stringify(item.state), cut[seq]?.text ?? item.body],
  ]);
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.slice(from, from + ROWS_AT_ONCE);
    yield* rowsOf(
      'INSERT INTO items (thread, turn, part, seq, owner, id, type, bytes, blobs, provider_state, body) VALUES ' +
        some.map(() => `(${marks(COLUMNS)})`).join(', '),
      ...some.flat(),
    );
  }
  if (!isFound) return;
  for (const { id, words } of items) if (words !== '') yield* insertWords(place, id, words);
}

/**
 * Makes words findable: those of an item, or with an empty id those of the title. The engines get them cut and in small
 * letters: each has rules of its own, by which Postgres takes `notes.txt` for one word and leaves an `Ä` as it is.
 */
export function* insertWords(
  { owner, thread }: Pick<TurnPart, 'owner' | 'thread'>,
  item: string,
  words: string,
): Operation<void> {
  const text = termsOf(words).join(' ');
  if (text === '') return;
  yield* rowsOf('INSERT INTO words (text, owner, thread, item) VALUES (?, ?, ?, ?)', text, owner, thread, item);
}

/** What of an item has to be asked for. */
export const ITEM_COLUMNS = 'id, type, provider_state, body';

/** Whole items. @param rows with the {@link ITEM_COLUMNS} */
export function* toItems(owner: string, rows: readonly SqlRow[]): Operation<readonly KeptItem[]> {
  const items: KeptItem[] = [];
  for (const { id, type, provider_state: state, body } of rows) {
    items.push({
      id: String(id),
      type: String(type),
      body: yield* withBlobs(owner, String(body)),
      state: state == null ? null : String(JSON.parse(String(state))),
    });
  }
  return items;
}

/** How much items take, in bytes. */
export function bytesOf(items: readonly KeptItem[]): number {
  return items.reduce((sum, { body, state }) => sum + Buffer.byteLength(body) + (state?.length ?? 0), 0);
}
