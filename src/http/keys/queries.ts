import type { AuditQuery } from '../../access/audit.ts';
import type { KeyQuery } from '../../access/listed-keys.ts';
import { decodeCursor, type Parameters, type Read, readerOf, refuse, toLimit } from '../query.ts';
import { IGNORED_PARAMETERS } from './openrouter-shape.ts';

/** As OpenRouter's. */
const MAX_PAGE = 100;

/** Which keys are asked for, and whether of the file. */
export interface ListedKeysQuery extends KeyQuery {
  readonly isStatic: boolean;
}

/** Which keys are asked for: disabled ones only where the query says so. @throws GatewayError 400 */
export function parseKeysQuery(given: Parameters): ListedKeysQuery {
  const read = readerOf(given, ['offset', 'limit', 'org_id', 'include_disabled', 'q', 'static', ...IGNORED_PARAMETERS]);
  return {
    ...toPage(read),
    orgId: read('org_id'),
    includesDisabled: toFlag(read, 'include_disabled'),
    words: read('q')?.slice(0, 200) ?? null,
    isStatic: toFlag(read, 'static'),
  };
}

/** Whether calls in flight are to end with the change. @throws GatewayError 400 */
export function parseCancels(given: Parameters): boolean {
  return toFlag(readerOf(given, ['cancel']), 'cancel');
}

/** Which organisations are asked for. @throws GatewayError 400 */
export function parseOrgsQuery(given: Parameters): Pick<KeyQuery, 'offset' | 'limit'> {
  return toPage(readerOf(given, ['offset', 'limit']));
}

/** Which entries are asked for. @throws GatewayError 400 */
export function parseAuditQuery(given: Parameters): AuditQuery {
  const read = readerOf(given, ['subject', 'limit', 'after']);
  const [seq] = decodeCursor(read('after'), /^audit:(\d{1,15})$/) ?? [];
  return { subject: read('subject'), limit: toLimit(read('limit')), before: seq === undefined ? null : Number(seq) };
}

function toFlag(read: Read, name: string): boolean {
  const value = read(name);
  if (value !== null && value !== 'true' && value !== 'false') refuse(name, 'true or false', value, ['true', 'false']);
  return value === 'true';
}

function toPage(read: Read): Pick<KeyQuery, 'offset' | 'limit'> {
  const [offset, limit] = [read('offset'), read('limit')];
  if (offset !== null && !/^\d{1,9}$/.test(offset)) refuse('offset', 'a whole number', offset);
  const size = limit === null ? MAX_PAGE : /^\d{1,9}$/.test(limit) ? Number(limit) : 0;
  if (size < 1 || size > MAX_PAGE) refuse('limit', `a number from 1 to ${MAX_PAGE}`, limit ?? '');
  return { offset: Number(offset ?? 0), limit: size };
}
