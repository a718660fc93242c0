import { type Operation, rowOf, rowsOf, type SqlRow } from '../database/operation.ts';
import { forgetAsked } from './asked.ts';
import { countCopies, deleteItems, release, withBlobs } from './blobs.ts';
import { bytesOf, ITEM_COLUMNS, insertItems, insertWords, toItems } from './items.ts';
import type { KeptItem, KeptThread, NewItem, PageRequest } from './records.ts';
import type { WordSearch } from './word-search.ts';

const COLUMNS = 'id, metadata, created_at, updated_at, locked_by, locked_until, bytes, items, next_turn';

/** A new conversation. @param title words by which it is found, beside those of its items */
export function* createConversation(
  { owner, id, metadata, title, at }: NewConversation,
  items: readonly NewItem[],
): Operation<void> {
  yield* rowsOf(
    'INSERT INTO threads (id, owner, kind, metadata, created_at, updated_at, bytes, items, next_turn) ' +
      "VALUES (?, ?, 'conversation', ?, ?, ?, ?, ?, 1)",
    ...[id, owner, metadata, at, at, bytesOf(items), items.length],
  );
  if (title !== '') yield* insertWords({ owner, thread: id }, '', title);
  yield* insertItems({ owner, thread: id, turn: 0, part: 0 }, items, true);
}

/** What a conversation is at its beginning. */
export interface NewConversation {
  readonly owner: string;
  readonly id: string;
  readonly metadata: string;
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A conversation; null where there is none of this owner. */
export function* conversation(owner: string, id: string, at: number): Operation<KeptThread | null> {
  const row = yield* rowOf(
    `SELECT ${COLUMNS} FROM threads WHERE owner = ? AND id = ? AND kind = 'conversation'`,
    owner,
    id,
  );
  return row && toThread(row, at);
}

/** Replaces the metadata; null where there is no such conversation. */
export function* updateConversation(changed: NewConversation): Operation<KeptThread | null> {
  const { owner, id, metadata, title, at } = changed;
  const row = yield* rowOf(
    `UPDATE threads SET metadata = ?, updated_at = ? WHERE owner = ? AND id = ? AND kind = 'conversation' RETURNING ${COLUMNS}`,
    ...[metadata, at, owner, id],
  );
  if (row === null) return null;
  yield* rowsOf("DELETE FROM words WHERE owner = ? AND thread = ? AND item = ''", owner, id);
  if (title !== '') yield* insertWords({ owner, thread: id }, '', title);
  return toThread(row, at);
}

/** Erases a conversation with its items; responses made in it keep what they answered until they expire. */
export function* removeConversation(owner: string, id: string): Operation<boolean> {
  const row = yield* rowOf(
    "DELETE FROM threads WHERE owner = ? AND id = ? AND kind = 'conversation' RETURNING id",
    owner,
    id,
  );
  if (row === null) return false;
  yield* keepOutputs(owner, id);
  yield* deleteItems('owner = ? AND thread = ?', owner, id);
  yield* rowsOf('DELETE FROM words WHERE owner = ? AND thread = ?', owner, id);
  yield* forgetAsked('owner = ? AND after_thread = ?', owner, id);
  return true;
}

/** Before the items of a conversation go: what its responses answered stays with them. */
function* keepOutputs(owner: string, id: string): Operation<void> {
  const made = yield* rowsOf(
    "SELECT id, turn FROM responses WHERE owner = ? AND thread = ? AND status <> 'deleted'",
    ...[owner, id],
  );
  if (made.length === 0) return;
  const items = yield* rowsOf(
    'SELECT turn, body FROM items WHERE owner = ? AND thread = ? AND part = 1 ORDER BY turn, seq',
    ...[owner, id],
  );
  const byTurn = Map.groupBy(items, ({ turn }) => Number(turn));
  for (const response of made) {
    const bodies = (byTurn.get(Number(response['turn'])) ?? []).map(({ body }) => body);
    yield* rowsOf(
      'UPDATE responses SET output = ? WHERE owner = ? AND id = ?',
      ...[yield* withBlobs(owner, `[${bodies.join(',')}]`), owner, response['id'] ?? null],
    );
  }
}

/** What a list of conversations is asked for. */
export interface ConversationQuery extends PageRequest {
  /** All of these have to be in the title or in one item; empty for any. */
  readonly terms: readonly string[];
  /** Pairs that its metadata has; empty for any. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What was not active since then has expired; null where nothing does. */
  readonly since: number | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Conversations by their last activity; null where `after` is none of them. */
export function* listConversations(
  search: WordSearch,
  owner: string,
  { terms, metadata, limit, order, after, since, at }: ConversationQuery,
): Operation<readonly KeptThread[] | null> {
  const start = after === null ? null : yield* conversation(owner, after, at);
  if (after !== null && start === null) return null;
  const isUp = order === 'asc';
  const found =
    terms.length === 0 ? '' : ` AND id IN (SELECT thread FROM words WHERE owner = ? AND ${search.condition})`;
  const pairs = Object.entries(metadata).map(([name, value]) => JSON.stringify({ [name]: value }).slice(1, -1));
  const rows = yield* rowsOf(
    `SELECT ${COLUMNS} FROM threads WHERE owner = ? AND kind = 'conversation'${found}` +
      // Both engines tell letters apart here, as LIKE of SQLite does not.
      pairs.map(() => " AND replace(metadata, ?, '') <> metadata").join('') +
      `${since === null ? '' : ' AND (updated_at >= ? OR locked_until >= ?)'}` +
      `${start ? ` AND (updated_at, id) ${isUp ? '>' : '<'} (?, ?)` : ''} ` +
      `ORDER BY updated_at ${isUp ? 'ASC' : 'DESC'}, id ${isUp ? 'ASC' : 'DESC'} LIMIT ?`,
    owner,
    ...(terms.length === 0 ? [] : [owner, search.toQuery(terms)]),
    ...pairs,
    ...(since === null ? [] : [since, at]),
    ...(start ? [start.updatedAt, start.id] : []),
    limit,
  );
  return rows.map((row) => toThread(row, at));
}

/** Adds items as a turn of their own; `locked` while an answer is being written, `missing` where there is no such conversation. */
export function* addItems(
  owner: string,
  id: string,
  items: readonly NewItem[],
  at: number,
): Operation<'added' | 'locked' | 'missing'> {
  const thread = yield* conversation(owner, id, at);
  if (thread === null) return 'missing';
  if (thread.running !== null) return 'locked';
  const row = yield* rowOf(
    'UPDATE threads SET next_turn = next_turn + 1, updated_at = ?, bytes = bytes + ?, items = items + ? ' +
      'WHERE owner = ? AND id = ? RETURNING next_turn',
    ...[at, bytesOf(items), items.length, owner, id],
  );
  const turn = Number(row?.['next_turn']) - 1;
  yield* insertItems({ owner, thread: id, turn, part: 0 }, items, true);
  return 'added';
}

/** One item of a conversation; null where there is none. */
export function* conversationItem(owner: string, id: string, item: string): Operation<KeptItem | null> {
  const row = yield* rowOf(
    `SELECT ${ITEM_COLUMNS} FROM items WHERE owner = ? AND thread = ? AND id = ? ORDER BY turn DESC LIMIT 1`,
    ...[owner, id, item],
  );
  const [found] = row === null ? [] : yield* toItems(owner, [row]);
  return found ?? null;
}

/** Takes an item out of a conversation; false where there is none. */
export function* removeItem(owner: string, id: string, item: string, at: number): Operation<boolean> {
  const rows = yield* rowsOf(
    'DELETE FROM items WHERE owner = ? AND thread = ? AND id = ? RETURNING bytes, blobs',
    ...[owner, id, item],
  );
  if (rows.length === 0) return false;
  yield* release(owner, rows);
  yield* rowsOf('DELETE FROM words WHERE owner = ? AND thread = ? AND item = ?', owner, id, item);
  yield* rowsOf(
    'UPDATE threads SET updated_at = ?, bytes = bytes - ?, items = items - ? WHERE owner = ? AND id = ?',
    ...[at, rows.reduce((sum, { bytes }) => sum + Number(bytes), 0), rows.length, owner, id],
  );
  return true;
}

/**
 * A conversation of its own with the items up to one of another; null where that item is not in it. Its items are copies:
 * they stay when the other conversation is erased.
 */
export function* forkConversation(
  from: string,
  afterItem: string,
  fork: NewConversation,
): Operation<KeptThread | null> {
  const { owner, id, metadata, title, at } = fork;
  const place = yield* rowOf(
    'SELECT turn, part, seq FROM items WHERE owner = ? AND thread = ? AND id = ? ORDER BY turn DESC LIMIT 1',
    ...[owner, from, afterItem],
  );
  if (place === null || (yield* conversation(owner, from, at)) === null) return null;
  const values = [owner, from, place['turn'] ?? null, place['part'] ?? null, place['seq'] ?? null];
  const upTo = 'owner = ? AND thread = ? AND (turn, part, seq) <= (?, ?, ?)';
  yield* rowsOf(
    'INSERT INTO words (text, owner, thread, item) SELECT text, owner, ?, item FROM words WHERE owner = ? AND thread = ? ' +
      `AND item IN (SELECT id FROM items WHERE ${upTo})`,
    ...[id, owner, from, ...values],
  );
  yield* rowsOf(
    'INSERT INTO items (thread, turn, part, seq, owner, id, type, bytes, blobs, provider_state, body) ' +
      `SELECT ?, turn, part, seq, owner, id, type, bytes, blobs, provider_state, body FROM items WHERE ${upTo}`,
    ...[id, ...values],
  );
  yield* countCopies(owner, id);
  const [copied] = yield* rowsOf(
    'SELECT count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM items WHERE owner = ? AND thread = ?',
    ...[owner, id],
  );
  const row = yield* rowOf(
    'INSERT INTO threads (id, owner, kind, metadata, created_at, updated_at, bytes, items, next_turn) ' +
      `VALUES (?, ?, 'conversation', ?, ?, ?, ?, ?, ?) RETURNING ${COLUMNS}`,
    ...[id, owner, metadata, at, at],
    ...[copied?.['bytes'] ?? 0, copied?.['items'] ?? 0, Number(place['turn']) + 1],
  );
  if (title !== '') yield* insertWords({ owner, thread: id }, '', title);
  return row && toThread(row, at);
}

function toThread(row: SqlRow, at: number): KeptThread {
  const isLocked = row['locked_by'] != null && Number(row['locked_until']) >= at;
  return {
    id: String(row['id']),
    metadata: String(row['metadata']),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
    running: isLocked ? String(row['locked_by']) : null,
    bytes: Number(row['bytes']),
    items: Number(row['items']),
    nextTurn: Number(row['next_turn']),
  };
}
