import { marks, type Operation, rowOf, rowsOf, type SqlRow } from '../database/operation.ts';
import { type AskedTurn, contextOfAsked, forgetAsked, keepAsked } from './asked.ts';
import { deleteItems } from './blobs.ts';
import { contextUpTo, toContext } from './context.ts';
import { ITEM_COLUMNS, toItems } from './items.ts';
import type { Context, KeptItem, KeptResponse, KeptStatus, NewResponse, RemotePlace } from './records.ts';

const RUNNING = "('queued', 'in_progress')";

/** How a response could not begin. */
export type BeginResult = 'begun' | 'locked' | 'missing';

/**
 * Puts down a response that outlives its client, before it runs; one of a conversation locks it.
 * @param conversation the id; null for one that is in none
 * @param nextTurn of the conversation: where it has another one by now, what the response knows of it is old, and it counts as locked
 */
export function* begin(
  response: NewResponse,
  conversation: string | null,
  nextTurn: number | null = null,
  asked: AskedTurn | null = null,
): Operation<BeginResult> {
  const { owner, id, createdAt, leaseUntil } = response;
  if (conversation !== null) {
    const locked = yield* rowOf(
      "UPDATE threads SET locked_by = ?, locked_until = ? WHERE owner = ? AND id = ? AND kind = 'conversation' " +
        `AND (locked_until IS NULL OR locked_until < ?)${nextTurn === null ? '' : ' AND next_turn = ?'} RETURNING id`,
      ...[id, leaseUntil, owner, conversation, createdAt],
      ...(nextTurn === null ? [] : [nextTurn]),
    );
    if (locked === null) {
      const there = yield* rowOf(
        "SELECT id FROM threads WHERE owner = ? AND id = ? AND kind = 'conversation'",
        owner,
        conversation,
      );
      return there === null ? 'missing' : 'locked';
    }
  }
  yield* insertResponse(response, null);
  if (asked !== null) yield* keepAsked(owner, id, asked);
  return 'begun';
}

/** Prolongs the leases of what a process runs, and the locks that go with them. @returns which of these still run */
export function* renew(worker: string, running: readonly string[], until: number): Operation<readonly string[]> {
  const rows = yield* rowsOf(
    `UPDATE responses SET lease_until = ? WHERE worker = ? AND id IN (${marks(running.length)}) AND status IN ${RUNNING} ` +
      'RETURNING id',
    ...[until, worker, ...running],
  );
  const ids = rows.map(({ id }) => String(id));
  if (ids.length > 0) {
    yield* rowsOf(`UPDATE threads SET locked_until = ? WHERE locked_by IN (${marks(ids.length)})`, until, ...ids);
  }
  return ids;
}

/**
 * Ends a response that joins no thread: it failed, or was cancelled. The first end wins.
 * @param output what there is of it, as a JSON list
 * @param asked of one that was not put down at its beginning
 */
export function* settle(
  response: NewResponse,
  completedAt: number,
  output: string,
  asked: AskedTurn | null = null,
): Operation<boolean> {
  if (response.worker !== null) return yield* end(response, completedAt, output);
  yield* insertResponse(response, completedAt, output);
  if (asked !== null) yield* keepAsked(response.owner, response.id, asked);
  return true;
}

/** Ends a response that had begun; false where it was ended before. */
export function* end(response: NewResponse, completedAt: number, output: string | null): Operation<boolean> {
  const { owner, id, status, body, expiresAt } = response;
  const row = yield* rowOf(
    'UPDATE responses SET status = ?, body = ?, output = ?, completed_at = ?, expires_at = ?, worker = NULL, ' +
      `lease_until = NULL WHERE owner = ? AND id = ? AND status IN ${RUNNING} RETURNING id`,
    ...[status, body, output, completedAt, expiresAt],
    ...[owner, id],
  );
  yield* unlock(owner, id);
  return row !== null;
}

function* unlock(owner: string, id: string): Operation<void> {
  yield* rowsOf(
    'UPDATE threads SET locked_by = NULL, locked_until = NULL WHERE owner = ? AND locked_by = ?',
    owner,
    id,
  );
}

/** Puts down a response, whatever became of it. */
export function* insertResponse(response: NewResponse, completedAt: number | null, output: string | null = null) {
  const { id, owner, key, status, isBackground, isStreamed, createdAt, expiresAt, body, remote } = response;
  yield* rowsOf(
    'INSERT INTO responses (id, owner, client_key, status, is_background, is_streamed, created_at, completed_at, ' +
      `expires_at, body, output, worker, lease_until, provider, provider_key, provider_id) VALUES (${marks(16)})`,
    ...[id, owner, key, status, Number(isBackground), Number(isStreamed), createdAt, completedAt],
    ...[expiresAt, body, output, response.worker, response.leaseUntil],
    ...[remote?.provider ?? null, remote?.key ?? null, remote?.id ?? null],
  );
}

const RESPONSE_COLUMNS =
  'id, owner, client_key, thread, turn, status, is_background, is_streamed, created_at, completed_at, expires_at, body, output, ' +
  'provider, provider_key, provider_id';

/** One of a chain lives as long as that. Two values: now, twice. */
const LIVES =
  "(expires_at IS NULL OR expires_at >= ? OR EXISTS (SELECT 1 FROM threads WHERE threads.id = thread AND kind = 'chain' " +
  'AND threads.expires_at >= ?))';

/** A response with its output; null where there is none of this owner. @param at what has expired by then is none */
export function* find(
  owner: string,
  id: string,
  at = 0,
): Operation<{ readonly response: KeptResponse; readonly output: readonly KeptItem[] } | null> {
  const row = yield* rowOf(
    `SELECT ${RESPONSE_COLUMNS} FROM responses WHERE owner = ? AND id = ? AND status <> 'deleted' AND ${LIVES}`,
    ...[owner, id, at, at],
  );
  if (row === null) return null;
  const response = toResponse(row);
  if (response.thread === null || response.turn === null || response.output !== null) return { response, output: [] };
  const items = yield* rowsOf(
    `SELECT ${ITEM_COLUMNS} FROM items WHERE owner = ? AND thread = ? AND turn = ? AND part = 1 ORDER BY seq`,
    owner,
    response.thread,
    response.turn,
  );
  return { response, output: yield* toItems(owner, items) };
}

/** What a child of a response knows. @param withOutput false for what the response itself was asked */
export function* contextOf(response: KeptResponse, withOutput: boolean): Operation<Context> {
  const { owner, id, thread, turn } = response;
  if (thread === null || turn === null) return withOutput ? toContext([]) : yield* contextOfAsked(owner, id);
  if (withOutput) return yield* contextUpTo(owner, thread, turn);
  return yield* contextUpTo(owner, thread, turn, 0);
}

/** Erases what a response said and was asked; its id stays, so that what stands on it can say why it is broken. */
export function* remove(owner: string, id: string): Operation<boolean> {
  const row = yield* rowOf(
    "UPDATE responses SET status = 'deleted', body = '{}', output = NULL, worker = NULL, lease_until = NULL " +
      "WHERE owner = ? AND id = ? AND status <> 'deleted' RETURNING thread, turn",
    owner,
    id,
  );
  if (row === null) return false;
  if (row['thread'] !== null && row['thread'] !== undefined) {
    const chain = "SELECT id FROM threads WHERE owner = ? AND id = ? AND kind = 'chain'";
    const isChain = (yield* rowOf(chain, owner, row['thread'])) !== null;
    // Items of a conversation are the conversation's.
    if (isChain) {
      yield* deleteItems('owner = ? AND thread = ? AND turn = ?', owner, row['thread'], row['turn'] ?? null);
    }
  }
  yield* rowsOf('DELETE FROM events WHERE owner = ? AND response = ?', owner, id);
  yield* forgetAsked('owner = ? AND response = ?', owner, id);
  yield* unlock(owner, id);
  return true;
}

/** Responses whose process has gone. */
export function* abandoned(at: number, limit: number): Operation<readonly KeptResponse[]> {
  const rows = yield* rowsOf(
    `SELECT ${RESPONSE_COLUMNS} FROM responses WHERE status IN ${RUNNING} AND lease_until < ? LIMIT ?`,
    at,
    limit,
  );
  return rows.map(toResponse);
}

function toResponse(row: SqlRow): KeptResponse {
  const text = (name: string): string | null => (row[name] == null ? null : String(row[name]));
  const number = (name: string): number | null => (row[name] == null ? null : Number(row[name]));
  return {
    id: String(row['id']),
    owner: String(row['owner']),
    key: String(row['client_key']),
    thread: text('thread'),
    turn: number('turn'),
    status: String(row['status']) as KeptStatus,
    isBackground: Number(row['is_background']) === 1,
    isStreamed: Number(row['is_streamed']) === 1,
    createdAt: Number(row['created_at']),
    completedAt: number('completed_at'),
    expiresAt: number('expires_at'),
    body: String(row['body']),
    output: text('output'),
    remote: remotePlace(text('provider'), text('provider_key'), text('provider_id')),
  };
}

function remotePlace(provider: string | null, key: string | null, id: string | null): RemotePlace | null {
  return provider === null || id === null ? null : { provider, key, id };
}
