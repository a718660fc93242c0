import { unescape as unescapePercent } from 'node:querystring';
import { isRecord, type JsonRecord, recordOf } from '../../protocol/json.ts';

/** Looks up `$ref`s of one schema; null for a pointer that leads nowhere, or out of the document. */
export type Resolve = (ref: string) => JsonRecord | null;

/** Definitions that refer to one another twice each would grow without end where references are put in place. */
const MAX_LOOKUPS = 5000;

/** Answers {@link MAX_LOOKUPS} times, then with null. */
export function createResolver(root: JsonRecord): Resolve {
  let lookups = 0;
  return (ref) => {
    if (!ref.startsWith('#') || ++lookups > MAX_LOOKUPS) return null;
    const path = ref.slice(1).split('/').slice(1).map(unescapePointer);
    const found = path.reduce<unknown>((value, key) => (Object(value) as Record<string, unknown>)[key], root);
    return isRecord(found) ? found : null;
  };
}

function unescapePointer(key: string): string {
  return unescapePercent(key).replaceAll('~1', '/').replaceAll('~0', '~');
}

/** One schema that says what `allOf` and its siblings say together, as far as that can be said without it. */
export function mergeAllOf(schema: JsonRecord, resolve: Resolve): JsonRecord {
  const { allOf, ...siblings } = schema;
  const members = (Array.isArray(allOf) ? allOf : []).map((member) => expand(recordOf(member), resolve));
  return [...members, siblings].reduce(mergePair, {});
}

/** A member behind a `$ref` has to be looked up: beside other keywords a reference would not be allowed. */
function expand(member: JsonRecord, resolve: Resolve): JsonRecord {
  const { $ref: ref, ...siblings } = member;
  const target = typeof ref === 'string' ? resolve(ref) : null;
  return target === null ? siblings : { ...target, ...siblings };
}

function mergePair(first: JsonRecord, second: JsonRecord): JsonRecord {
  const merged: Record<string, unknown> = { ...first, ...second };
  if (isRecord(first['properties']) && isRecord(second['properties'])) {
    merged['properties'] = { ...first['properties'], ...second['properties'] };
  }
  if (Array.isArray(first['required']) && Array.isArray(second['required'])) {
    merged['required'] = [...new Set([...first['required'], ...second['required']])];
  }
  if (Array.isArray(first['allOf']) && Array.isArray(second['allOf'])) {
    merged['allOf'] = [...first['allOf'], ...second['allOf']];
  }
  return merged;
}

/** `const` as an `enum` of one, and the types of a schema as a list, with `nullable` as the type `null`. */
export function normalise(schema: JsonRecord): { readonly schema: JsonRecord; readonly types: readonly string[] } {
  const { const: only, nullable, ...rest } = schema;
  const named = 'const' in schema ? { ...rest, enum: [only] } : rest;
  const declared = typeof named.type === 'string' ? [named.type] : Array.isArray(named.type) ? named.type : [];
  const words = declared.filter((type) => typeof type === 'string').map((type) => type.toLowerCase());
  const types = words.length > 0 ? words : typesOf(named.enum);
  const isNullable = nullable === true && types.length > 0 && !types.includes('null');
  return { schema: named, types: isNullable ? [...types, 'null'] : types };
}

/** What an enum without a type is made of. */
function typesOf(values: unknown): string[] {
  if (!Array.isArray(values)) return [];
  const types = values.map((value) => (value === null ? 'null' : typeof value));
  return [...new Set(types)].filter((type) => type !== 'object');
}

/** The named fields that are there. */
export function pick(record: JsonRecord, keys: readonly string[]): JsonRecord {
  return Object.fromEntries(keys.filter((key) => key in record).map((key) => [key, record[key]]));
}
