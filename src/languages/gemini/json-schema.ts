import { isRecord, type JsonRecord, recordOf, stringOf } from '../../protocol/json.ts';
import {
  createGrowth,
  createReferences,
  type Growth,
  isOf,
  MAX_SCHEMA_DEPTH,
  mergeAllOf,
  normalise,
  pick,
  type References,
} from './schema-parts.ts';

/** Keywords that Google takes in `parametersJsonSchema` and `responseJsonSchema`; others may be answered with 400. */
const VALUE_KEYWORDS = [
  'title',
  'description',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'required',
  'propertyOrdering',
];
const ENUMERABLE = ['string', 'number', 'integer'];
const FORMATS = ['date-time', 'date', 'time', 'int32', 'int64', 'float', 'double'];

/** References that follow one another deeper than this are taken for an endless recursion. */
const MAX_REFS = 16;

/** What is known while a schema is walked: how deep it is, and how many references were followed. */
interface SchemaWalk {
  readonly references: References;
  readonly depth: number;
  readonly refs: number;
}

/**
 * A JSON Schema as Google's JSON Schema fields take it: what they lack is said in their words, or left out.
 * @param growth what references may grow to, where several schemas share it
 */
export function toGeminiJsonSchema(schema: JsonRecord, growth: Growth = createGrowth()): JsonRecord {
  return narrow(schema, { references: createReferences(schema, growth), depth: 0, refs: 0 });
}

function narrow(value: unknown, walk: SchemaWalk): JsonRecord {
  if (!isRecord(value)) return {};
  if (walk.depth > MAX_SCHEMA_DEPTH) return { type: 'object' };
  const only = onlyReference(value);
  if (only !== null) return narrowReference(value, only, walk);
  if (Array.isArray(value['allOf'])) {
    return walk.refs > MAX_REFS ? { type: 'object' } : narrow(mergeAllOf(value, walk.references), followed(walk));
  }
  if (typeof value['$ref'] === 'string') return narrowReference(value, value['$ref'], walk);
  const { schema, types } = normalise(value);
  const deeper = { ...walk, depth: walk.depth + 1 };
  const again = (part: unknown) => narrow(part, deeper);
  if (mixesBooleans(schema, types)) return narrowEach(schema, types, again);
  const fitted: Fitted = {};
  for (const key of VALUE_KEYWORDS) if (key in schema) fitted[key] = schema[key];
  fitTypes(fitted, types);
  if (schema['enum'] !== undefined) fitEnum(fitted, schema['enum'], types);
  fitBounds(fitted, schema, types);
  if (FORMATS.includes(schema['format'] as string)) fitted['format'] = schema['format'];
  fitMap(fitted, 'properties', schema['properties'], again);
  fitMap(fitted, '$defs', schema['$defs'] ?? schema['definitions'], again);
  fitList(fitted, 'anyOf', schema['anyOf'], again);
  fitList(fitted, 'oneOf', schema['oneOf'], again);
  fitItems(fitted, schema, types, again);
  fitAdditional(fitted, schema['additionalProperties'], again);
  return fitted;
}

/** A schema under construction: one object each, since a request may have a hundred thousand of them. */
type Fitted = Record<string, unknown>;

type Again = (part: unknown) => JsonRecord;

function followed(walk: SchemaWalk): SchemaWalk {
  return { ...walk, depth: walk.depth + 1, refs: walk.refs + 1 };
}

/** `allOf` around one reference is how some generators put a description beside it. */
function onlyReference(value: JsonRecord): string | null {
  const members = value['allOf'];
  if (!Array.isArray(members) || members.length !== 1 || 'properties' in value) return null;
  return stringOf(recordOf(members[0])['$ref']);
}

/**
 * A reference stands alone: a description beside it goes around it. Only definitions can be referred to; what else it
 * points at is put in its place.
 */
function narrowReference(value: JsonRecord, ref: string, walk: SchemaWalk): JsonRecord {
  const described = pick(value, ['description']);
  if (ref === '#' || walk.refs > MAX_REFS) return { type: 'object', ...described };
  const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(ref)?.[1];
  if (name === undefined) {
    const target = walk.references.take(ref);
    return target === null ? { type: 'object', ...described } : narrow({ ...target, ...described }, followed(walk));
  }
  if (!walk.references.leads(ref)) return { type: 'object', ...described };
  const deeper = { ...walk, depth: walk.depth + 1 };
  const fitted: Fitted = {};
  fitMap(fitted, '$defs', value['$defs'] ?? value['definitions'], (part) => narrow(part, deeper));
  const reference = { $ref: `#/$defs/${name}` };
  return Object.assign(fitted, 'description' in described ? { ...described, anyOf: [reference] } : reference);
}

function fitTypes(fitted: Fitted, types: readonly string[]): void {
  if (types.length > 0) fitted['type'] = types.length === 1 ? types[0] : types;
}

/** Enums hold strings and numbers; `null` is said by the type already, and a choice of booleans is no choice. */
function fitEnum(fitted: Fitted, values: unknown, types: readonly string[]): void {
  const listed = types.filter((type) => ENUMERABLE.includes(type));
  const kept = Array.isArray(values) ? values.filter((value) => listed.some((type) => isOf(type, value))) : [];
  if (kept.length > 0) fitted['enum'] = kept;
}

/** Beside other values booleans would be missing in the enum, and so be forbidden. */
function mixesBooleans(schema: JsonRecord, types: readonly string[]): boolean {
  return Array.isArray(schema['enum']) && types.includes('boolean') && types.some((type) => ENUMERABLE.includes(type));
}

/** One alternative for each type. */
function narrowEach(schema: JsonRecord, types: readonly string[], again: Again): JsonRecord {
  const { title: _, description: __, ...rest } = schema;
  return { ...pick(schema, ['title', 'description']), anyOf: types.map((type) => again(alternativeOf(rest, type))) };
}

function alternativeOf(schema: JsonRecord, type: string): JsonRecord {
  return type === 'null' ? { type } : { ...schema, type };
}

/** An exclusive bound of an integer is the next integer; of a number, the nearest that can be said is the bound itself. */
function fitBounds(fitted: Fitted, schema: JsonRecord, types: readonly string[]): void {
  const { exclusiveMinimum: above, exclusiveMaximum: below } = schema;
  const step = types.includes('integer') ? 1 : 0;
  if (typeof above === 'number' && !('minimum' in schema)) fitted['minimum'] = above + step;
  if (typeof below === 'number' && !('maximum' in schema)) fitted['maximum'] = below - step;
}

function fitMap(fitted: Fitted, key: string, map: unknown, again: Again): void {
  if (!isRecord(map)) return;
  fitted[key] = Object.fromEntries(Object.entries(map).map(([name, part]) => [name, again(part)]));
}

function fitList(fitted: Fitted, key: string, list: unknown, again: Again): void {
  if (Array.isArray(list) && list.length > 0) fitted[key] = list.map(again);
}

/** `items` as a list is how older drafts wrote `prefixItems`. An array without items is refused. */
function fitItems(fitted: Fitted, schema: JsonRecord, types: readonly string[], again: Again): void {
  const { items } = schema;
  const prefix = schema['prefixItems'] ?? (Array.isArray(items) ? items : undefined);
  fitList(fitted, 'prefixItems', prefix, again);
  if (isRecord(items)) fitted['items'] = again(items);
  else if (!Array.isArray(prefix) && types.includes('array')) fitted['items'] = {};
}

function fitAdditional(fitted: Fitted, value: unknown, again: Again): void {
  if (typeof value === 'boolean') fitted['additionalProperties'] = value;
  else if (isRecord(value)) fitted['additionalProperties'] = again(value);
}
