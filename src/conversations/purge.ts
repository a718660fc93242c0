import { marks, type Operation, rowsOf } from '../database/operation.ts';
import { forgetAsked } from './asked.ts';
import { deleteItems } from './blobs.ts';
import { removeConversation } from './conversations.ts';

/**
 * Erases what has expired, at most `limit` of each kind.
 * @param since conversations that were not active since then have expired; null where none does
 * @returns whether there may be more
 */
export function* purge(at: number, limit: number, since: number | null = null): Operation<boolean> {
  const conversations = since === null ? [] : yield* idleConversations(since, at, limit);
  for (const { owner, id } of conversations) yield* removeConversation(String(owner), String(id));
  const events = yield* rowsOf(
    'DELETE FROM events WHERE (response, seq) IN (SELECT response, seq FROM events WHERE expires_at < ? LIMIT ?) RETURNING seq',
    ...[at, limit],
  );
  const threads = yield* rowsOf('SELECT id FROM threads WHERE expires_at < ? LIMIT ?', at, limit);
  const ids = threads.map(({ id }) => String(id));
  if (ids.length > 0) {
    yield* deleteItems(`thread IN (${marks(ids.length)})`, ...ids);
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
  if (responses.length > 0) {
    yield* forgetAsked(`response IN (${marks(responses.length)})`, ...responses.map(({ id }) => String(id)));
  }
  return [conversations, events, threads, responses].some((rows) => rows.length === limit);
}

function idleConversations(since: number, at: number, limit: number) {
  return rowsOf(
    "SELECT owner, id FROM threads WHERE kind = 'conversation' AND updated_at < ? " +
      'AND (locked_until IS NULL OR locked_until < ?) LIMIT ?',
    ...[since, at, limit],
  );
}
