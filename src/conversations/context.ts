import { ITEM_COLUMNS, toItem } from './items.ts';
import { marks, type Operation, rowOf, rowsOf, type SqlRow } from './operation.ts';
import type { Context, KeptItem } from './records.ts';

/** A part of a line of forks: a thread up to one of its turns, from one of its items on. */
interface Stretch {
  readonly thread: string;
  readonly turn: number;
  /** How much of that turn: with 0 what was asked, with 1 the answer as well. */
  readonly part: 0 | 1;
  /** The last summary of what was before; null where there is none. */
  readonly compaction: { readonly turn: number; readonly part: number; readonly seq: number } | null;
}

/** A thread that was forked more often than this is not read: no client does so. */
const MAX_FORKS = 1000;

/**
 * The items up to a turn, the oldest first: those of the threads it was forked from stand before its own. What stands
 * before the last compaction is left out.
 * @param part 0 for what the turn was asked, which is then told as it came
 */
export function* contextUpTo(owner: string, thread: string, turn: number, part: 0 | 1 = 1): Operation<Context> {
  const line = yield* lineOf(owner, thread, turn, part);
  const items: KeptItem[] = [];
  for (const stretch of line) {
    const missing = yield* missingIn(owner, stretch);
    if (missing !== null) return { items: [], missing };
    for (const row of yield* itemsIn(owner, stretch)) items.push(toItem(row));
  }
  return { items, missing: null };
}

function* lineOf(owner: string, thread: string, turn: number, part: 0 | 1): Operation<readonly Stretch[]> {
  const line: Stretch[] = [];
  let next: Omit<Stretch, 'compaction'> | null = { thread, turn, part };
  while (next !== null && line.length < MAX_FORKS) {
    const until: number = next.part === 1 ? next.turn : next.turn - 1;
    const compaction: Stretch['compaction'] = yield* lastCompaction(owner, next.thread, until);
    line.unshift({ ...next, compaction });
    if (compaction !== null) break;
    const row: SqlRow | null = yield* rowOf(
      'SELECT fork_of, fork_turn FROM threads WHERE owner = ? AND id = ?',
      owner,
      next.thread,
    );
    next = row?.['fork_of'] ? { thread: String(row['fork_of']), turn: Number(row['fork_turn']), part: 1 } : null;
  }
  return line;
}

function* lastCompaction(owner: string, thread: string, turn: number): Operation<Stretch['compaction']> {
  const row = yield* rowOf(
    "SELECT turn, part, seq FROM items WHERE owner = ? AND thread = ? AND type = 'compaction' AND turn <= ? " +
      'ORDER BY turn DESC, part DESC, seq DESC LIMIT 1',
    owner,
    thread,
    turn,
  );
  return row && { turn: Number(row['turn']), part: Number(row['part']), seq: Number(row['seq']) };
}

/** A response that was erased leaves its id: a silently shorter memory would be worse than an error. */
function* missingIn(owner: string, { thread, turn, compaction }: Stretch): Operation<string | null> {
  const row = yield* rowOf(
    "SELECT id FROM responses WHERE owner = ? AND thread = ? AND status = 'deleted' AND turn <= ? AND turn >= ? LIMIT 1",
    owner,
    thread,
    turn,
    compaction?.turn ?? 0,
  );
  return row && String(row['id']);
}

function* itemsIn(owner: string, { thread, turn, part, compaction }: Stretch) {
  const from = compaction ?? { turn: 0, part: 0, seq: 0 };
  return yield* rowsOf(
    `SELECT ${ITEM_COLUMNS} FROM items WHERE owner = ? AND thread = ? AND (turn, part) <= (?, ?) AND (turn, part, seq) >= (?, ?, ?) ` +
      'ORDER BY turn, part, seq',
    ...[owner, thread],
    ...[turn, part],
    ...[from.turn, from.part, from.seq],
  );
}

/** Items by their own ids, whatever they stand in: of several with one id the newest. */
export function* findItems(owner: string, ids: readonly string[]): Operation<readonly KeptItem[]> {
  if (ids.length === 0) return [];
  const rows = yield* rowsOf(
    `SELECT ${ITEM_COLUMNS} FROM items WHERE owner = ? AND id IN (${marks(ids.length)}) ORDER BY turn, part, seq`,
    owner,
    ...ids,
  );
  return [...new Map(rows.map(toItem).map((item) => [item.id, item])).values()];
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
  return { items: rows.slice(0, limit).map(toItem), hasMore: rows.length > limit };
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
