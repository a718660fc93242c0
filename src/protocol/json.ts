/** Reading JSON of strangers: every look-up answers, whatever the shape. */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** True for an object that is neither null nor a list. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every chunk of a stream is asked for much that it does not have: nothing new is made for that. */
const NOTHING: JsonRecord = Object.freeze({});
const NO_RECORDS: readonly JsonRecord[] = Object.freeze([]);

/** The value as a record; `{}` when it is none. */
export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : NOTHING;
}

/** The value as a list of records; entries of another type are left out. */
export function recordsOf(value: unknown): readonly JsonRecord[] {
  if (!Array.isArray(value)) return NO_RECORDS;
  return value.every(isRecord) ? value : value.filter(isRecord);
}

/** The value as it is when it is a string, else null. */
export function stringOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A finite number, also when it was sent as a string (Google writes int64 so). */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** A count: a non-negative integer, 0 when absent. */
export function countOf(value: unknown): number {
  const number = numberOf(value);
  return number === null || number < 0 ? 0 : Math.round(number);
}

/** The fields that have a value, of all or of the named ones: null means the same as nothing. */
export function pickValues(record: JsonRecord, keys: readonly string[] = Object.keys(record)): JsonRecord {
  const known = keys.filter((key) => record[key] !== undefined && record[key] !== null);
  return Object.fromEntries(known.map((key) => [key, record[key]]));
}

/** The parsed text, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
