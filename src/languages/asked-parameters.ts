import { isRecord } from '../protocol/json.ts';

/** True for a value whose loss changes nothing: an empty one, or false. */
export function asksForNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === '';
}
