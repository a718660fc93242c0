import { marks, type Operation, rowOf, rowsOf, type SqlValue } from '../database/operation.ts';
import { cutBlobs, releaseAll, withBlobs } from './blobs.ts';
import { contextUpTo, toContext } from './context.ts';
import type { Context, NewItem, TurnPlace } from './records.ts';

/** What a response was asked: kept beside it until it is in a turn, and for good where it joins none. */
export interface AskedTurn {
  /** Its own items, each as its JSON. */
  readonly bodies: readonly string[];
  /** The last turn before it; null where there is none. */
  readonly after: { readonly thread: string; readonly turn: number } | null;
}

/** @param place where its turn would go */
export function toAsked(input: readonly NewItem[], place: TurnPlace): AskedTurn {
  const bodies = input.map(({ body }) => body);
  if (place.kind === 'new') return { bodies, after: null };
  const { kind, thread, turn } = place;
  return { bodies, after: { thread, turn: kind === 'child' ? turn : turn - 1 } };
}

/** In a table of its own: the row of a response that runs is written anew with every lease. */
export function* keepAsked(owner: string, id: string, { bodies, after }: AskedTurn): Operation<void> {
  const cut = yield* cutBlobs(owner, bodies);
  const blobs = cut.flatMap((text) => text.blobs ?? []);
  yield* rowsOf(
    `INSERT INTO asked (response, owner, after_thread, after_turn, items, blobs, input) VALUES (${marks(7)})`,
    ...[id, owner, after?.thread ?? null, after?.turn ?? null, bodies.length],
    ...[blobs.length === 0 ? null : blobs.join(','), cut.map(({ text }) => text).join(',')],
  );
}

/** Erases what responses were asked, and their data with the last of those that have it. @param where the condition, with its values */
export function* forgetAsked(where: string, ...values: readonly SqlValue[]): Operation<void> {
  const rows = yield* rowsOf(`DELETE FROM asked WHERE ${where} RETURNING owner, blobs`, ...values);
  yield* releaseAll(rows);
}

/** What a response that is in no turn was asked, with what stood before it, as a client is shown it. */
export function* contextOfAsked(owner: string, id: string): Operation<Context> {
  const row = yield* rowOf(
    'SELECT input, items, after_thread, after_turn FROM asked WHERE owner = ? AND response = ?',
    owner,
    id,
  );
  if (row === null) return toContext([]);
  const own = { list: yield* withBlobs(owner, String(row['input'])), count: Number(row['items']) };
  if (row['after_thread'] == null) return toContext([own]);
  return yield* contextUpTo(owner, String(row['after_thread']), Number(row['after_turn']), 1, true, [own]);
}
