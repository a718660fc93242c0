import { marks, type Operation, rowsOf } from '../database/operation.ts';

/** Which response said an item, or was asked it. */
export interface SaidBy {
  readonly item: string;
  readonly response: string;
  /** When that was asked, in milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * Finds the responses that said some items or were asked them: one that failed may have said nothing. What was added by itself is left
 * out, and what was said by a response that is erased. Copies in a fork keep their ids: they lead to the response of the
 * conversation before it.
 */
export function* saidBy(owner: string, ids: readonly string[]): Operation<readonly SaidBy[]> {
  if (ids.length === 0) return [];
  const rows = yield* rowsOf(
    'SELECT items.id AS item, responses.id AS response, responses.created_at AS created_at FROM items JOIN responses ' +
      'ON responses.thread = items.thread AND responses.turn = items.turn AND responses.owner = items.owner ' +
      `WHERE items.owner = ? AND items.id IN (${marks(ids.length)}) AND responses.status <> 'deleted'`,
    ...[owner, ...ids],
  );
  return rows.map(({ item, response, created_at: createdAt }) => ({
    item: String(item),
    response: String(response),
    createdAt: Number(createdAt),
  }));
}
