import { type Operation, rowOf, rowsOf, type SqlRow } from '../database/operation.ts';
import { forgetAsked } from './asked.ts';
import { bytesOf, insertItems } from './items.ts';
import type { KeptTurn, TurnPlace } from './records.ts';
import { end, insertResponse } from './responses.ts';

/** What came of a commit. */
export type Commit = 'committed' | 'ended' | 'gone';

/**
 * Puts down a finished response with its turn: all of it or nothing. `ended` where it was cancelled before; `gone` where the
 * conversation or the parent was deleted meanwhile: then the response stands for itself, with its output.
 */
export function* commit(turn: KeptTurn): Operation<Commit> {
  const { response, completedAt, place } = turn;
  const { owner } = response;
  if (response.worker !== null && !(yield* end(response, completedAt, null))) return 'ended';
  const at = yield* claimTurn(turn, place);
  if (at === null) yield* keepAlone(turn);
  else yield* join(turn, at);
  // Last: data that is in the turn as well stays.
  if (response.worker !== null) yield* forgetAsked('owner = ? AND response = ?', owner, response.id);
  return at === null ? 'gone' : 'committed';
}

function* join({ response, completedAt, place, input, output }: KeptTurn, at: TurnAt): Operation<void> {
  const { owner } = response;
  if (response.worker === null) yield* insertResponse(response, completedAt);
  yield* rowsOf(
    'UPDATE responses SET thread = ?, turn = ? WHERE owner = ? AND id = ?',
    at.thread,
    at.turn,
    owner,
    response.id,
  );
  const isFound = place.kind === 'conversation';
  yield* insertItems({ owner, ...at, part: 0 }, input, isFound);
  yield* insertItems({ owner, ...at, part: 1 }, output, isFound);
}

function* keepAlone({ response, completedAt, output }: KeptTurn): Operation<void> {
  const bodies = `[${output.map(({ body }) => body).join(',')}]`;
  if (response.worker === null) yield* insertResponse(response, completedAt, bodies);
  else {
    const { owner, id } = response;
    yield* rowsOf('UPDATE responses SET output = ? WHERE owner = ? AND id = ?', bodies, owner, id);
  }
}

/** Where a turn went. */
interface TurnAt {
  readonly thread: string;
  readonly turn: number;
}

/** The place of a turn: the next one of its thread, or the first of a new one. A child of a turn that has one is a fork, and so is one of a conversation. */
function* claimTurn(turn: KeptTurn, place: TurnPlace): Operation<TurnAt | null> {
  const { response, completedAt, input, output, newThread } = turn;
  const size = [bytesOf(input) + bytesOf(output), input.length + output.length];
  const { owner, expiresAt } = response;
  if (place.kind === 'new') {
    yield* insertThread(turn, size, null);
    return { thread: newThread, turn: 0 };
  }
  const isChild = place.kind === 'child';
  const claimed = yield* rowOf(
    'UPDATE threads SET next_turn = next_turn + 1, updated_at = ?, bytes = bytes + ?, items = items + ? ' +
      `WHERE owner = ? AND id = ? AND kind = ?${isChild ? ' AND next_turn = ?' : ''} RETURNING next_turn`,
    ...[completedAt, ...size, owner, place.thread],
    ...(isChild ? ['chain', place.turn + 1] : ['conversation']),
  );
  if (isChild) yield* keepAncestors(owner, place.thread, expiresAt);
  if (claimed !== null) return { thread: place.thread, turn: Number(claimed['next_turn']) - 1 };
  if (!isChild) return null;
  const parent = yield* rowOf('SELECT id FROM threads WHERE owner = ? AND id = ?', owner, place.thread);
  if (parent === null) return null;
  yield* insertThread(turn, size, place);
  return { thread: newThread, turn: 0 };
}

function* insertThread(
  { response, completedAt, newThread }: KeptTurn,
  [bytes = 0, items = 0]: readonly number[],
  fork: { readonly thread: string; readonly turn: number } | null,
): Operation<void> {
  yield* rowsOf(
    'INSERT INTO threads (id, owner, kind, fork_of, fork_turn, metadata, created_at, updated_at, expires_at, bytes, items, ' +
      "next_turn) VALUES (?, ?, 'chain', ?, ?, '{}', ?, ?, ?, ?, ?, 1)",
    ...[newThread, response.owner, fork?.thread ?? null, fork?.turn ?? null],
    ...[completedAt, completedAt, response.expiresAt, bytes, items],
  );
}

/** A living chain keeps its beginning, in whichever threads that is. What a conversation is kept for is its own affair. */
function* keepAncestors(owner: string, thread: string, expiresAt: number | null): Operation<void> {
  let next: string | null = thread;
  while (next !== null) {
    const row: SqlRow | null = yield* rowOf(
      "UPDATE threads SET expires_at = CASE WHEN expires_at > ? THEN expires_at ELSE ? END WHERE owner = ? AND id = ? AND kind = 'chain' " +
        'RETURNING fork_of',
      ...[expiresAt, expiresAt, owner, next],
    );
    next = row?.['fork_of'] ? String(row['fork_of']) : null;
  }
}
