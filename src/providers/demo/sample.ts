import { unescape as unescapePercent } from 'node:querystring';
import { isRecord, type JsonRecord, numberOf, recordOf } from '../../protocol/json.ts';
import { numberFor, textFor } from './words.ts';

/** A schema that refers to itself is followed so far; from there on only what has to be is filled in. */
const MAX_DEPTH = 12;
/** Where even required parts end, because the schema asks for endless ones. */
const LAST_DEPTH = 40;
/** A schema can ask for a billion entries, or for two of everything at forty levels: then the rest is null. */
const MAX_VALUES = 1000;
const MAX_ENTRIES = 100;

/** A value that fits the JSON Schema, taken from the question's own words where they fit. */
export function sampleOf(schema: unknown, question: string): unknown {
  const root = recordOf(schema);
  let left = MAX_VALUES;
  const sample: SampleMaker = (value, name, depth) => {
    if (depth > LAST_DEPTH || left-- <= 0) return null;
    const at = resolve(root, recordOf(value));
    if ('const' in at) return at['const'];
    if (Array.isArray(at['enum'])) return mentioned(at['enum'], question) ?? at['enum'][0];
    const union = at['anyOf'] ?? at['oneOf'];
    if (Array.isArray(union)) return sample(preferred(union, depth), name, depth + 1);
    return sampleOfType(at, question, name, depth, sample);
  };
  return sample(root, '', 0);
}

/** @param name the property that the value is for */
type SampleMaker = (schema: unknown, name: string, depth: number) => unknown;

function sampleOfType(schema: JsonRecord, question: string, name: string, depth: number, sample: SampleMaker): unknown {
  switch (typeOf(schema)) {
    case 'object':
      return Object.fromEntries(
        propertiesOf(schema, question, depth).map(([key, inner]) => [key, sample(inner, key, depth + 1)]),
      );
    case 'array':
      return Array.from({ length: lengthOf(schema, depth) }, (_, index) =>
        sample(entrySchema(schema, index), name, depth + 1),
      );
    case 'integer':
      return Math.round(numberFor(schema, question, name, 1));
    case 'number':
      return numberFor(schema, question, name, 0.5);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return textFor(schema, question, name);
  }
}

function resolve(root: JsonRecord, schema: JsonRecord): JsonRecord {
  let found = schema;
  // A chain of references longer than this can only be a circle.
  for (let steps = 0; steps < MAX_DEPTH && typeof found['$ref'] === 'string'; steps++) {
    const keys = found['$ref'].split('/').slice(1);
    found = recordOf(keys.reduce<unknown>((value, key) => recordOf(value)[unescaped(key)], root));
  }
  return merged(root, found);
}

/** A key of a JSON Pointer. */
function unescaped(key: string): string {
  return unescapePercent(key).replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Puts the parts of `allOf` together. */
function merged(root: JsonRecord, { allOf, ...rest }: JsonRecord): JsonRecord {
  if (!Array.isArray(allOf)) return rest;
  const parts = [rest, ...allOf.map((part) => resolve(root, recordOf(part)))];
  const properties = parts.flatMap((part) => Object.entries(recordOf(part['properties'])));
  const required = parts.flatMap((part) => (Array.isArray(part['required']) ? part['required'] : []));
  const fields = parts.flatMap((part) => Object.entries(part));
  return { ...Object.fromEntries(fields), properties: Object.fromEntries(properties), required };
}

/** The first branch that is not null; deep inside, null itself, because it ends there. */
function preferred(union: readonly unknown[], depth: number): unknown {
  const isNull = (branch: unknown): boolean => recordOf(branch)['type'] === 'null';
  return (depth > MAX_DEPTH ? union.find(isNull) : undefined) ?? union.find((branch) => !isNull(branch)) ?? union[0];
}

function typeOf(schema: JsonRecord): string {
  const type = Array.isArray(schema['type']) ? schema['type'].find((one) => one !== 'null') : schema['type'];
  if (typeof type === 'string') return type;
  return isRecord(schema['properties']) ? 'object' : 'string';
}

/** The required properties, and those with a word of the question; all of them where none is required. */
function propertiesOf(schema: JsonRecord, question: string, depth: number): [string, unknown][] {
  const all = Object.entries(recordOf(schema['properties']));
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  if (required.length === 0) return depth > MAX_DEPTH ? [] : all;
  const names = new Set<unknown>(required);
  return all.filter(([name, inner]) => names.has(name) || isMentioned(recordOf(inner), question));
}

function isMentioned({ enum: values }: JsonRecord, question: string): boolean {
  return Array.isArray(values) && mentioned(values, question) !== undefined;
}

function lengthOf(schema: JsonRecord, depth: number): number {
  const fixed = Array.isArray(schema['prefixItems']) ? schema['prefixItems'].length : 0;
  const wanted = numberOf(schema['minItems']) ?? Math.max(fixed, depth > MAX_DEPTH ? 0 : 1);
  return Math.max(0, Math.min(MAX_ENTRIES, wanted, numberOf(schema['maxItems']) ?? wanted));
}

function entrySchema(schema: JsonRecord, index: number): unknown {
  const fixed = schema['prefixItems'];
  return Array.isArray(fixed) && index < fixed.length ? fixed[index] : schema['items'];
}

function mentioned(values: readonly unknown[], question: string): unknown {
  const text = question.toLowerCase();
  return values.find((value) => typeof value === 'string' && text.includes(value.toLowerCase()));
}
