import type { PageRequest } from '../../conversations/records.ts';
import { GatewayError } from '../../protocol/errors.ts';

/** A query as Express reads it. */
export type ListQuery = Readonly<Record<string, unknown>>;

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** OpenAI's parameters of a list: `limit`, `order`, `after`. @throws GatewayError 400 */
export function parsePage(query: ListQuery): PageRequest {
  const limit = readNumber(query, 'limit') ?? DEFAULT_LIMIT;
  if (limit < 1 || limit > MAX_LIMIT) throw badValue('limit', `a number from 1 to ${MAX_LIMIT}`, String(limit));
  const order = readText(query, 'order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') throw badValue('order', "'asc' or 'desc'", order);
  return { limit, order, after: readText(query, 'after') };
}

/** @throws GatewayError 400 for anything but `true` and `false` */
export function readFlag(query: ListQuery, name: string): boolean {
  const text = readText(query, name) ?? 'false';
  if (text !== 'true' && text !== 'false') throw badValue(name, "'true' or 'false'", text);
  return text === 'true';
}

/** @throws GatewayError 400 for what is no whole number */
export function readNumber(query: ListQuery, name: string): number | null {
  const text = readText(query, name);
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) throw badValue(name, 'a whole number', text);
  return Number(text);
}

/** Null where it is missing or empty. @throws GatewayError 400 where it comes several times */
export function readText(query: ListQuery, name: string): string | null {
  const value = query[name];
  if (value === undefined || value === '') return null;
  if (typeof value !== 'string') throw badValue(name, 'one value', 'several');
  return value;
}

/** @throws GatewayError 400 */
export function badCursor(after: string | null): never {
  throw badValue('after', 'the last_id of the page before', after ?? '');
}

function badValue(name: string, expected: string, found: string): GatewayError {
  const message = `Invalid '${name}': expected ${expected}; found '${found.slice(0, 60)}'.`;
  return new GatewayError('invalid_value', message, { param: name });
}
