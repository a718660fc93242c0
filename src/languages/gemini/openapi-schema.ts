import { isRecord, type JsonRecord, recordOf } from '../../protocol/json.ts';
import {
  createGrowth,
  createReferences,
  type Growth,
  MAX_SCHEMA_DEPTH,
  mergeAllOf,
  normalise,
  pick,
  type References,
  valuesOf,
} from './schema-parts.ts';

/** Keywords of Google's OpenAPI `Schema` that mean the same in JSON Schema; an unknown one is answered with 400. */
const VALUE_KEYWORDS = [
  'title',
  'description',
  'default',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
  'pattern',
  'propertyOrdering',
];
const FORMATS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    string: ['date-time'],
    integer: ['int32', 'int64'],
    number: ['float', 'double'],
  }),
);

/** What is known while a schema is walked: how deep it is, and the references that are being followed right now. */
interface OpenApiWalk {
  readonly references: References;
  readonly depth: number;
  readonly open: readonly string[];
}

/** References that follow one another deeper than this are taken for an endless recursion. */
const MAX_OPEN = 32;

/**
 * A JSON Schema in Google's OpenAPI subset, for models before 2.5: references put in place, unknown keywords left out.
 * @param growth what references may grow to, where several schemas share it
 */
export function toOpenApiSchema(schema: JsonRecord, growth: Growth = createGrowth()): JsonRecord {
  return lower(schema, { references: createReferences(schema, growth), depth: 0, open: [] });
}

function lower(value: unknown, outer: OpenApiWalk): JsonRecord {
  if (!isRecord(value)) return { type: 'string' };
  if (outer.depth > MAX_SCHEMA_DEPTH) return { type: 'object' };
  const walk = { ...outer, depth: outer.depth + 1 };
  if (typeof value['$ref'] === 'string') return lowerReference(value, value['$ref'], walk);
  if (Array.isArray(value['allOf'])) return lowerAllOf(value, walk);
  const { schema, types } = normalise(value);
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives)) return lowerAlternatives(schema, alternatives, walk);
  const [only] = types;
  // Most have one type, and a request may have a hundred thousand schemas.
  if (types.length === 1 && only !== undefined && only !== 'null') return lowerTyped(schema, only, walk);
  const named = types.filter((type) => type !== 'null');
  const nullable = types.includes('null') ? { nullable: true } : {};
  if (named.length > 1) {
    const { description: _, title: __, default: ___, ...rest } = schema;
    return { ...describe(schema), anyOf: named.map((type) => lower({ ...rest, type }, walk)), ...nullable };
  }
  return { ...lowerTyped(schema, named[0] ?? impliedType(schema), walk), ...nullable };
}

function describe(schema: JsonRecord): JsonRecord {
  return pick(schema, ['description', 'title']);
}

/** Siblings win over what the reference says. A reference to what is being put in place already would never end. */
function lowerReference(value: JsonRecord, ref: string, walk: OpenApiWalk): JsonRecord {
  if (walk.open.length > MAX_OPEN || walk.open.includes(ref)) return { type: 'object', ...describe(value) };
  const target = walk.references.take(ref);
  if (target === null) return { type: 'object', ...describe(value) };
  const { $ref: _, $defs: __, definitions: ___, ...siblings } = value;
  return lower({ ...target, ...siblings }, { ...walk, open: [...walk.open, ref] });
}

function lowerAllOf(value: JsonRecord, walk: OpenApiWalk): JsonRecord {
  const refs = (value['allOf'] as unknown[]).map((member) => recordOf(member)['$ref']).filter(isString);
  if (walk.open.length > MAX_OPEN || refs.some((ref) => walk.open.includes(ref))) return { type: 'object' };
  return lower(mergeAllOf(value, walk.references), { ...walk, open: [...walk.open, ...refs] });
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** `null` among the alternatives is `nullable`; a single one that is left stands for itself. */
function lowerAlternatives(schema: JsonRecord, alternatives: readonly unknown[], walk: OpenApiWalk): JsonRecord {
  const isNull = (part: unknown) => recordOf(part)['type'] === 'null';
  const rest = alternatives.filter((part) => !isNull(part));
  const nullable = rest.length < alternatives.length ? { nullable: true } : {};
  const { anyOf: _, oneOf: __, ...siblings } = schema;
  const [first] = rest;
  if (rest.length === 1 && isRecord(first))
    return { ...lower({ ...siblings, ...first, ...describe(schema) }, walk), ...nullable };
  return { ...describe(schema), anyOf: rest.map((part) => lower(part, walk)), ...nullable };
}

function impliedType(schema: JsonRecord): string {
  if (isRecord(schema['properties'])) return 'object';
  return 'items' in schema || 'prefixItems' in schema ? 'array' : 'string';
}

function lowerTyped(schema: JsonRecord, type: string, walk: OpenApiWalk): JsonRecord {
  const base: Record<string, unknown> = { type };
  for (const key of VALUE_KEYWORDS) if (key in schema) base[key] = schema[key];
  if (FORMATS.get(type)?.includes(schema['format'] as string)) base['format'] = schema['format'];
  if (Array.isArray(schema['enum'])) Object.assign(base, lowerEnum(schema, schema['enum'], type));
  if (type === 'array') return { ...base, items: lowerItems(schema, walk) };
  if (type !== 'object' || !isRecord(schema['properties'])) return base;
  const entries = Object.entries(schema['properties']).map(([name, part]) => [name, lower(part, walk)] as const);
  const properties = Object.fromEntries(entries);
  const named = Array.isArray(schema['required']) ? schema['required'].filter(isString) : [];
  const required = named.filter((name) => Object.hasOwn(properties, name));
  return { ...base, properties, ...(required.length > 0 ? { required } : {}) };
}

/** Only strings can be enumerated. Of other types the values are told in words, so that the answer keeps its type. */
function lowerEnum(schema: JsonRecord, all: readonly unknown[], type: string): JsonRecord {
  const values = valuesOf(type, all);
  if (values.length === 0) return {};
  if (type === 'string') return { enum: values };
  const said = typeof schema['description'] === 'string' ? `${schema['description']} ` : '';
  return { description: `${said}One of: ${values.map((value) => JSON.stringify(value)).join(', ')}.` };
}

/** A tuple becomes a list of any of its parts. */
function lowerItems(schema: JsonRecord, walk: OpenApiWalk): JsonRecord {
  const tuple = schema['prefixItems'] ?? (Array.isArray(schema['items']) ? schema['items'] : null);
  if (Array.isArray(tuple) && tuple.length > 0) return lower({ anyOf: tuple }, walk);
  return isRecord(schema['items']) && Object.keys(schema['items']).length > 0
    ? lower(schema['items'], walk)
    : { type: 'string' };
}
