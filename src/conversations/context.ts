import { type JsonList, listOf, marks, type Operation, rowOf, rowsOf, type SqlRow } from '../database/operation.ts';
import { withBlobs } from './blobs.ts';
import { ITEM_COLUMNS, toItems } from './items.ts';
import type { Context, KeptItem } from './records.ts';

/** A part of a line of forks: a thread up to one of its turns, from one of its items on. */
interface Stretch {
  readonly thread: string;
  readonly turn: number;
  /** How much of that turn: what was asked (0), or what was answered as well (1). */
  readonly lastPart: 0 | 1;
  /** Whether it was erased. */
  readonly isGone: boolean;
  /** The turn of the last summary; null where there is none. What was said right before it may still be needed. */
  readonly compaction: number | null;
}

/** A thread that was forked more often than this is not read: no client does so. */
const MAX_FORKS = 1000;

/**
 * The items up to a turn, the oldest first: those of the threads it was forked from stand before its own. What stands
 * before the turn of the last compaction is left out.
 * @param lastPart 0 for what was asked in that turn alone, 1 for what was answered as well
 * @param isShown true for a client: without what only the maker of an item reads
 * @param more what comes after it
 */
export function* contextUpTo(
  owner: string,
  thread: string,
  turn: number,
  lastPart: 0 | 1 = 1,
  isShown = lastPart === 0,
  more: readonly JsonList[] = [],
): Operation<Context> {
  const line = yield* lineOf(owner, thread, turn, lastPart);
  const lists: JsonList[] = [];
  for (const stretch of line) {
    const missing = yield* missingIn(owner, stretch);
    if (missing !== null) return { ...toContext([]), missing };
    lists.push(yield* itemsIn(owner, stretch, !isShown));
  }
  return toContext([...lists, ...more]);
}

/** The context of these lists, one after another. */
export function toContext(lists: readonly JsonList[]): Context {
  const items = joined(lists.filter(({ count }) => count > 0).map(({ list }) => list));
  const count = lists.reduce((sum, list) => sum + list.count, 0);
  return { items, count, bytes: Buffer.byteLength(items), missing: null };
}

/** One JSON list of several: bytes where one of them is, in memory of their own, so that they can be given away. */
function joined(lists: readonly (string | Uint8Array)[]): string | Uint8Array {
  if (lists.every((list) => typeof list === 'string')) return `[${lists.join(',')}]`;
  const pieces = lists.map((list) => (typeof list === 'string' ? Buffer.from(list) : list));
  const all = Buffer.allocUnsafeSlow(pieces.reduce((sum, { byteLength }) => sum + 1 + byteLength, 1));
  let at = 0;
  for (const piece of pieces) {
    all.write(at === 0 ? '[' : ',', at);
    all.set(piece, at + 1);
    at += 1 + piece.byteLength;
  }
  all.write(']', at);
  return all;
}

function* lineOf(owner: string, thread: string, turn: number, lastPart: 0 | 1): Operation<readonly Stretch[]> {
  const line: Stretch[] = [];
  let next: Pick<Stretch, 'thread' | 'turn' | 'lastPart'> | null = { thread, turn, lastPart };
  while (next !== null && line.length < MAX_FORKS) {
    const until: number = next.lastPart === 1 ? next.turn : next.turn - 1;
    const compaction: Stretch['compaction'] = yield* lastCompaction(owner, next.thread, until);
    const row: SqlRow | null = yield* rowOf(
      'SELECT fork_of, fork_turn FROM threads WHERE owner = ? AND id = ?',
      owner,
      next.thread,
    );
    line.unshift({ ...next, compaction, isGone: row === null });
    if (compaction !== null) break;
    next = row?.['fork_of'] ? { thread: String(row['fork_of']), turn: Number(row['fork_turn']), lastPart: 1 } : null;
  }
  return line;
}

function* lastCompaction(owner: string, thread: string, turn: number): Operation<Stretch['compaction']> {
  const row = yield* rowOf(
    "SELECT max(turn) AS turn FROM items WHERE owner = ? AND thread = ? AND type = 'compaction' AND turn <= ?",
    owner,
    thread,
    turn,
  );
  return row?.['turn'] == null ? null : Number(row['turn']);
}

/** A response that was erased leaves its id: a silently shorter memory would be worse than an error. */
function* missingIn(owner: string, { thread, turn, compaction, isGone }: Stretch): Operation<string | null> {
  if (isGone) {
    const last = yield* rowOf(
      'SELECT id FROM responses WHERE owner = ? AND thread = ? AND turn = ?',
      ...[owner, thread, turn],
    );
    return String(last?.['id'] ?? thread);
  }
  const row = yield* rowOf(
    "SELECT id FROM responses WHERE owner = ? AND thread = ? AND status = 'deleted' AND turn <= ? AND turn >= ? LIMIT 1",
    owner,
    thread,
    turn,
    compaction ?? 0,
  );
  return row && String(row['id']);
}

/** An item with what its maker wants back, where the reader of a context looks for it; no client is shown it. */
const WITH_STATE =
  'CASE WHEN provider_state IS NULL THEN body ' +
  `ELSE substr(body, 1, length(body) - 1) || ',"encrypted_content":' || provider_state || '}' END`;

function* itemsIn(
  owner: string,
  { thread, turn, lastPart, compaction }: Stretch,
  withState: boolean,
): Operation<JsonList> {
  const { list, count } = yield* listOf(
    `SELECT ${withState ? WITH_STATE : 'body'} AS item FROM items WHERE owner = ? AND thread = ? AND turn >= ? AND turn <= ? ` +
      'AND (turn < ? OR part <= ?) ORDER BY turn, part, seq',
    ...[owner, thread, compaction ?? 0, turn, turn, lastPart],
  );
  return { list: yield* withBlobs(owner, list), count };
}

/** Both engines bound the values of a statement. */
const IDS_AT_ONCE = 500;

/** Items by their own ids, whatever they stand in: of several with one id the newest. */
export function* findItems(owner: string, ids: readonly string[]): Operation<readonly KeptItem[]> {
  const found = new Map<string, KeptItem>();
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const some = ids.slice(from, from + IDS_AT_ONCE);
    const rows = yield* rowsOf(
      `SELECT ${ITEM_COLUMNS} FROM items WHERE owner = ? AND id IN (${marks(some.length)}) ORDER BY turn, part, seq`,
      owner,
      ...some,
    );
    for (const item of yield* toItems(owner, rows)) found.set(item.id, item);
  }
  return [...found.values()];
}

/** Items of the turns that a thread has of its own, one page of them. */
export function* pageOfItems(
  owner: string,
  thread: string,
  { limit, order, after }: { limit: number; order: 'asc' | 'desc'; after: string | null },
): Operation<{ readonly items: readonly KeptItem[]; readonly hasMore: boolean } | null> {
  const isUp = order === 'asc';
  const start = after === null ? null : yield* placeOf(owner, thread, after);
  if (after !== null && start === null) return null;
  const direction = isUp ? 'ASC' : 'DESC';
  const rows = yield* rowsOf(
    `SELECT ${ITEM_COLUMNS} FROM items WHERE owner = ? AND thread = ?` +
      `${start ? ` AND (turn, part, seq) ${isUp ? '>' : '<'} (?, ?, ?)` : ''} ` +
      `ORDER BY turn ${direction}, part ${direction}, seq ${direction} LIMIT ?`,
    owner,
    thread,
    ...(start ?? []),
    limit + 1,
  );
  return { items: yield* toItems(owner, rows.slice(0, limit)), hasMore: rows.length > limit };
}

function* placeOf(owner: string, thread: string, id: string): Operation<[number, number, number] | null> {
  const row = yield* rowOf(
    'SELECT turn, part, seq FROM items WHERE owner = ? AND thread = ? AND id = ? ORDER BY turn DESC LIMIT 1',
    owner,
    thread,
    id,
  );
  return row && [Number(row['turn']), Number(row['part']), Number(row['seq'])];
}
