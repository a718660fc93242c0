import { didYouMean } from '../config/nearest.ts';
import { GatewayError } from '../protocol/errors.ts';

/** Parameters of a question, as strings; those of the command line have the same names. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Reads one parameter; an empty one is none. @throws GatewayError 400 when it comes several times */
export type Read = (name: string) => string | null;

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** Reads parameters by name. @throws GatewayError 400 for a name that is not known */
export function readerOf(given: Parameters, known: readonly string[]): Read {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const message = `Unknown parameter '${name.slice(0, 40)}'${didYouMean(name, known)} (known: ${known.join(', ')}).`;
    throw new GatewayError('invalid_value', message, { param: name.slice(0, 40) });
  }
  return (name) => {
    const value = given[name];
    if (value === undefined || value === '') return null;
    if (typeof value !== 'string') refuse(name, 'one value', 'several');
    return value;
  };
}

/** How many entries a page has: 100 where the query does not say. @throws GatewayError 400 beyond 1 to 1,000 */
export function toLimit(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) refuse('limit', `a number from 1 to ${MAX_LIMIT}`, text);
  return limit;
}

/** A whole number within these bounds. @throws GatewayError 400 */
export function toCount(text: string, name: string, min: number, max: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (count < min || count > max) refuse(name, `a whole number from ${min} to ${max}`, text);
  return count;
}

/** Where the next page begins. Opaque to clients: it may be told otherwise one day. */
export function encodeCursor(place: string): string {
  return Buffer.from(place).toString('base64url');
}

/** The groups of the pattern in a cursor; null where there is none. @throws GatewayError 400 for one that is not ours */
export function decodeCursor(cursor: string | null, pattern: RegExp): readonly string[] | null {
  if (cursor === null) return null;
  const found = pattern.exec(Buffer.from(cursor, 'base64url').toString());
  if (found === null) refuse('after', 'the next_cursor of the page before', cursor);
  return found.slice(1);
}

/** Says which parameter is wrong, what was expected and what was found. @throws GatewayError 400 */
export function refuse(name: string, expected: string, found: string, known: readonly string[] = []): never {
  const message = `${name}: expected ${expected}; found '${found.slice(0, 60)}'${didYouMean(found, known) || '.'}`;
  throw new GatewayError('invalid_value', message, { param: name });
}
