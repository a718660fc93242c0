import { marks, type Operation, rowsOf } from './operation.ts';

/** Erases what has expired, at most `limit` of each kind. @returns whether there may be more */
export function* purge(at: number, limit: number): Operation<boolean> {
  const events = yield* rowsOf(
    'DELETE FROM events WHERE (response, seq) IN (SELECT response, seq FROM events WHERE expires_at < ? LIMIT ?) RETURNING seq',
    ...[at, limit],
  );
  const threads = yield* rowsOf('SELECT id FROM threads WHERE expires_at < ? LIMIT ?', at, limit);
  const ids = threads.map(({ id }) => String(id));
  if (ids.length > 0) {
    yield* rowsOf(`DELETE FROM items WHERE thread IN (${marks(ids.length)})`, ...ids);
    yield* rowsOf(`DELETE FROM responses WHERE thread IN (${marks(ids.length)})`, ...ids);
    yield* rowsOf(`DELETE FROM threads WHERE id IN (${marks(ids.length)})`, ...ids);
  }
  // Of a chain, the thread says when: its last turn keeps the first one.
  const responses = yield* rowsOf(
    'DELETE FROM responses WHERE id IN (SELECT id FROM responses WHERE expires_at < ? ' +
      "AND (thread IS NULL OR thread IN (SELECT id FROM threads WHERE kind = 'conversation') " +
      'OR thread NOT IN (SELECT id FROM threads)) LIMIT ?) RETURNING id',
    ...[at, limit],
  );
  return [events, threads, responses].some((rows) => rows.length === limit);
}
