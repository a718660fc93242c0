import type { Key } from '../access/keys.ts';
import type { CallPlace } from '../calls/live-calls.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { EndedFilter, UsagePlace } from '../usage/store.ts';
import { decodeCursor, encodeCursor, type Parameters, type Read, readerOf, refuse, toLimit } from './query.ts';
import { fromCursor, ownUsage, toFilter } from './usage-query.ts';

/** A time in milliseconds with its fraction, the id of a call, and the name of its key. */
const PLACE = /^at:(\d{1,15}(?:\.\d{1,9})?):([\w.-]{1,128}):(.{1,200})$/su;

/** Which page of calls is asked for, and of whom: null for all keys. */
export interface CallsQuery {
  readonly keyId: string | null;
  readonly limit: number;
  readonly after: CallPlace | null;
}

/**
 * Reads what this key asks for.
 * @throws GatewayError 400 that names the parameter, 403 `route_not_allowed` for calls of others where it is no admin's
 */
export function parseCallsQuery(given: Parameters, key: Key): CallsQuery {
  const read = readerOf(given, ['state', 'all', 'key', 'limit', 'after']);
  const state = read('state');
  if (state !== null) refuse('state', 'ended, or nothing for calls in flight', state, ['ended']);
  const [receivedAt, id = '', keyId = ''] = decodeCursor(read('after'), PLACE) ?? [];
  const after = receivedAt === undefined ? null : { receivedAt: Number(receivedAt), id, keyId };
  return { keyId: toKeyId(read, key), limit: toLimit(read('limit')), after };
}

const TEXTS = ['id', 'org', 'model', 'answered_by', 'provider', 'outcome', 'error_code'];
const ENDED = [...TEXTS, 'slower_than_ms', 'unknown_cost', 'from', 'to'];

/** No name and no code is longer. */
const MAX_TEXT = 256;

/** True where ended calls are asked for. */
export function isEndedQuery(given: Parameters): boolean {
  return given['state'] === 'ended';
}

/** Which ended calls are asked for. @throws GatewayError 400, 403 as {@link parseCallsQuery} */
export function parseEndedQuery(
  given: Parameters,
  key: Key,
): { filter: EndedFilter; keyId: string | null; limit: number; after: UsagePlace | null } {
  const readAny = readerOf(given, ['state', 'all', 'key', 'limit', 'after', ...ENDED]);
  const read: Read = (name) => {
    const text = readAny(name);
    if (text !== null && text.length > MAX_TEXT) refuse(name, `at most ${MAX_TEXT} characters`, text);
    return text;
  };
  const slower = read('slower_than_ms');
  if (slower !== null && !/^\d{1,9}$/.test(slower)) refuse('slower_than_ms', 'a whole number of milliseconds', slower);
  const code = read('error_code');
  if (code !== null && !/^[a-z0-9_]+$/.test(code)) refuse('error_code', "a code such as 'upstream_timeout'", code);
  const slowerThanMs = slower === null ? null : Number(slower);
  const keyId = toKeyId(read, key);
  const asked = toFilter(read);
  const own = keyId === key.id ? ownUsage(key) : { key: keyId, org: null };
  const models = { model: read('answered_by'), eitherModel: read('model') };
  const measured = { errorCode: code, slowerThanMs, isCostUnknown: toFlag(read, 'unknown_cost') };
  const filter = { ...asked, ...models, ...measured, id: read('id'), key: own.key, org: own.org ?? asked.org };
  return { filter, keyId, limit: toLimit(read('limit')), after: fromCursor(read('after')) };
}

/**
 * Whose call is meant by `?key=`: without it the caller's own. For keys that are no admin's the calls of others do not
 * exist, so their names are not told apart from unknown ones.
 * @throws GatewayError 400, 404 `request_not_found`
 */
export function parseOwner(given: Parameters, key: Key, id: string): string {
  const owner = readerOf(given, ['key'])('key') ?? key.id;
  if (owner === key.id || key.isAdmin) return owner;
  throw new GatewayError('request_not_found', `There is no request '${id.slice(0, 128)}' of your key.`);
}

/** Names the last call of a page, so that calls that come and go between two pages move nothing. */
export function toCallCursor({ receivedAt, id, keyId }: CallPlace): string {
  return encodeCursor(`at:${receivedAt}:${id}:${keyId}`);
}

function toKeyId(read: Read, key: Key): string | null {
  const named = read('key');
  const isAll = named === null && toFlag(read, 'all');
  if (key.isAdmin) return isAll ? null : (named ?? key.id);
  if (!isAll && (named === null || named === key.id)) return key.id;
  const param = isAll ? 'all' : 'key';
  const message = `${param}: only a key with admin: true sees the calls of other keys. Yours are there without it.`;
  throw new GatewayError('route_not_allowed', message, { param });
}

function toFlag(read: Read, name: string): boolean {
  const text = read(name);
  if (text !== null && text !== 'true' && text !== 'false') refuse(name, 'true or false', text, ['true', 'false']);
  return text === 'true';
}
