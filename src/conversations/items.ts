import { marks, type Operation, rowsOf, type SqlRow } from './operation.ts';
import type { KeptItem, NewItem } from './records.ts';
import { termsOf } from './word-search.ts';

/** Where items go: a turn of a thread, and in it what was asked (0) or what was answered (1). */
export interface TurnPart {
  readonly owner: string;
  readonly thread: string;
  readonly turn: number;
  readonly part: 0 | 1;
}

const COLUMNS = 9;
/** SQLite takes 32,766 values in a statement; shorter ones are parsed sooner, and few texts are prepared. */
const ROWS_AT_ONCE = 50;

/** Puts items into a turn, in their order. @param isFound whether their words can be looked for */
export function* insertItems(place: TurnPart, items: readonly NewItem[], isFound: boolean): Operation<void> {
  for (let from = 0; from < items.length; from += ROWS_AT_ONCE) {
    const some = items.slice(from, from + ROWS_AT_ONCE);
    const rows = some.map(() => `(${marks(COLUMNS)})`).join(', ');
    const values = some.flatMap(({ id, type, body, state }, at) => [
      ...[place.thread, place.turn, place.part, from + at],
      ...[place.owner, id, type, state === null ? null : JSON.stringify(state), body],
    ]);
    yield* rowsOf(
      `INSERT INTO items (thread, turn, part, seq, owner, id, type, provider_state, body) VALUES ${rows}`,
      ...values,
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

/** @param row with the {@link ITEM_COLUMNS} */
export function toItem({ id, type, provider_state: state, body }: SqlRow): KeptItem {
  return {
    id: String(id),
    type: String(type),
    body: String(body),
    state: state == null ? null : String(JSON.parse(String(state))),
  };
}

/** How much items take, in bytes. */
export function bytesOf(items: readonly KeptItem[]): number {
  return items.reduce((sum, { body, state }) => sum + Buffer.byteLength(body) + (state?.length ?? 0), 0);
}
