import type { CallPlace } from '../calls/live-calls.ts';
import { decodeCursor, encodeCursor, type Parameters, readerOf, toLimit } from './query.ts';

/** A time in milliseconds with its fraction, and the id of a call. */
const PLACE = /^at:(\d{1,15}(?:\.\d{1,9})?):([\w.-]{1,128})$/;

/** Which page of calls is asked for. @throws GatewayError 400 that names the parameter and what is expected */
export function parseCallsQuery(given: Parameters): { limit: number; after: CallPlace | null } {
  const read = readerOf(given, ['limit', 'after']);
  const [receivedAt, id = ''] = decodeCursor(read('after'), PLACE) ?? [];
  const after = receivedAt === undefined ? null : { receivedAt: Number(receivedAt), id };
  return { limit: toLimit(read('limit')), after };
}

/** Names the last call of a page, so that calls that come and go between two pages move nothing. */
export function toCallCursor({ receivedAt, id }: CallPlace): string {
  return encodeCursor(`at:${receivedAt}:${id}`);
}
