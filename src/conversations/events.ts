import { marks, type Operation, rowOf, rowsOf, type SqlRow } from '../database/operation.ts';

/** One event of a stream that outlives its client. */
export interface KeptEvent {
  /** Its `sequence_number`. */
  readonly seq: number;
  /** Its frame. */
  readonly data: string;
}

const ROWS_AT_ONCE = 50;

/** Keeps events of a running response until `expiresAt`; those that are there, from a try without an answer, stay. */
export function* appendEvents(
  owner: string,
  response: string,
  events: readonly KeptEvent[],
  expiresAt: number,
): Operation<void> {
  for (let from = 0; from < events.length; from += ROWS_AT_ONCE) {
    const some = events.slice(from, from + ROWS_AT_ONCE);
    yield* rowsOf(
      'INSERT INTO events (response, seq, owner, data, expires_at) VALUES ' +
        `${some.map(() => `(${marks(5)})`).join(', ')} ON CONFLICT DO NOTHING`,
      ...some.flatMap(({ seq, data }) => [response, seq, owner, data, expiresAt]),
    );
  }
}

/** The one with the highest number; null where none is kept. */
export function* lastEvent(owner: string, response: string): Operation<KeptEvent | null> {
  const row = yield* rowOf(
    'SELECT seq, data FROM events WHERE owner = ? AND response = ? ORDER BY seq DESC LIMIT 1',
    ...[owner, response],
  );
  return row && toEvent(row);
}

/** Events with a higher number, in their order. */
export function* eventsAfter(
  owner: string,
  response: string,
  seq: number,
  limit: number,
): Operation<readonly KeptEvent[]> {
  const rows = yield* rowsOf(
    'SELECT seq, data FROM events WHERE owner = ? AND response = ? AND seq > ? ORDER BY seq LIMIT ?',
    ...[owner, response, seq, limit],
  );
  return rows.map(toEvent);
}

function toEvent({ seq, data }: SqlRow): KeptEvent {
  return { seq: Number(seq), data: String(data) };
}
