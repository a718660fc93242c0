import { unescape as unescapePercent } from 'node:querystring';
import { isRecord, type JsonRecord, recordOf } from '../../protocol/json.ts';

/** Looks up `$ref`s of one schema. */
export interface References {
  /** True when a pointer leads to a schema of this document. */
  leads(ref: string): boolean;
  /** The schema, to be put in place of its reference; null where there is none, or no room for it any more. */
  take(ref: string): JsonRecord | null;
}

/** How many values references of one request may still be replaced by. */
export interface Growth {
  left: number;
}

/** Definitions that refer to one another twice each would grow without end; 20,000 values take some 30 ms. */
const MAX_GROWTH = 20_000;
const MAX_REF_CHARS = 1000;

/** What is nested deeper, through references, is taken for an endless recursion. */
export const MAX_SCHEMA_DEPTH = 200;

/** One for all the schemas of a request. */
export function createGrowth(): Growth {
  return { left: MAX_GROWTH };
}

/** @param growth what is taken is counted there */
export function createReferences(root: JsonRecord, growth: Growth): References {
  const find = (ref: string): JsonRecord | null => {
    if (!ref.startsWith('#') || ref.length > MAX_REF_CHARS) return null;
    let found: unknown = root;
    for (const key of ref.slice(1).split('/').slice(1).map(unescapePointer)) {
      const holder: unknown = found;
      if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, key)) return null;
      found = (holder as JsonRecord)[key];
    }
    return isRecord(found) ? found : null;
  };
  return {
    leads: (ref) => find(ref) !== null,
    take(ref) {
      const found = growth.left > 0 ? find(ref) : null;
      if (found !== null) growth.left -= sizeUpTo(growth.left, found);
      return growth.left > 0 ? found : null;
    },
  };
}

/** The values in a schema, counted up to a limit. */
function sizeUpTo(limit: number, value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let size = 1;
  for (const key in value) {
    if (size >= limit) break;
    size += sizeUpTo(limit - size, (value as JsonRecord)[key]);
  }
  return size;
}

function unescapePointer(key: string): string {
  return unescapePercent(key).replaceAll('~1', '/').replaceAll('~0', '~');
}

/** One schema that says what `allOf` and its siblings say together, as far as that can be said without it. */
export function mergeAllOf(schema: JsonRecord, references: References): JsonRecord {
  const { allOf, ...siblings } = schema;
  const members = (Array.isArray(allOf) ? allOf : []).map((member) => expand(recordOf(member), references));
  const all = [...members, siblings];
  const merged = Object.fromEntries(all.flatMap((member) => Object.entries(member)));
  const properties = all.map((member) => member['properties']).filter(isRecord);
  const listsOf = (key: string): unknown[][] => all.map((member) => member[key]).filter(Array.isArray);
  const [required, nested] = [listsOf('required'), listsOf('allOf')];
  return {
    ...merged,
    ...(properties.length > 1 ? { properties: Object.fromEntries(properties.flatMap(Object.entries)) } : {}),
    ...(required.length > 1 ? { required: [...new Set(required.flat())] } : {}),
    ...(nested.length > 1 ? { allOf: nested.flat() } : {}),
  };
}

/** A member behind a `$ref` has to be looked up: beside other keywords a reference would not be allowed. */
function expand(member: JsonRecord, references: References): JsonRecord {
  const { $ref: ref, ...siblings } = member;
  const target = typeof ref === 'string' ? references.take(ref) : null;
  return target === null ? siblings : { ...target, ...siblings };
}

const JSON_TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

/** `const` as an `enum` of one, and the types of a schema as a list, with `nullable` as the type `null`. */
export function normalise(schema: JsonRecord): { readonly schema: JsonRecord; readonly types: readonly string[] } {
  const { type } = schema;
  // Most have neither, and a request may have a hundred thousand schemas.
  if (typeof type === 'string' && !('const' in schema) && !('nullable' in schema)) {
    return { schema, types: [type.toLowerCase()] };
  }
  const { const: only, nullable, ...rest } = schema;
  const named = 'const' in schema ? { ...rest, enum: [only] } : rest;
  const words = wordsOf(typeof type === 'string' ? [type] : Array.isArray(type) ? type : []);
  const types = words.length > 0 ? words : typesOf(named.enum);
  const isNullable = nullable === true && types.length > 0 && !types.includes('null');
  return { schema: named, types: enumerated(isNullable ? [...types, 'null'] : types, named.enum) };
}

/** The types once each. Of several only those that there are: each of them is a schema of its own to older models. */
function wordsOf(declared: readonly unknown[]): string[] {
  const words = new Set(declared.filter((type) => typeof type === 'string').map((type) => type.toLowerCase()));
  return words.size > 1 ? [...words].filter((type) => JSON_TYPES.includes(type)) : [...words];
}

/** What an enum without a type is made of. */
function typesOf(values: unknown): string[] {
  if (!Array.isArray(values)) return [];
  const types = values.map((value) => (value === null ? 'null' : typeof value));
  return [...new Set(types)].filter((type) => type !== 'object');
}

/** The values of an enum that are of one type. `null` is told by the types, and objects are not enumerated. */
export function valuesOf(type: string, values: unknown): unknown[] {
  return Array.isArray(values) ? values.filter((value) => isOf(type, value)) : [];
}

/** True for a string, number or boolean of this type of JSON Schema. */
export function isOf(type: string, value: unknown): boolean {
  return type === 'integer' ? Number.isInteger(value) : type !== 'object' && typeof value === type;
}

/** Of several types those of which an enum has values, and `null`; all of them where it has none of any. */
function enumerated(types: readonly string[], values: unknown): readonly string[] {
  const used = types.filter((type) => type === 'null' || valuesOf(type, values).length > 0);
  return used.some((type) => type !== 'null') ? used : types;
}

/** The named fields that are there. */
export function pick(record: JsonRecord, keys: readonly string[]): JsonRecord {
  const picked: Record<string, unknown> = {};
  for (const key of keys) if (key in record) picked[key] = record[key];
  return picked;
}
