/** A schema of the description: JSON Schema 2020-12. */
export type SchemaObject = Readonly<Record<string, unknown>>;

/** Any text. */
export const TEXT: SchemaObject = { type: 'string' };
/** Any number. */
export const NUMBER: SchemaObject = { type: 'number' };
/** A whole number from 0 on. */
export const COUNT: SchemaObject = { type: 'integer', minimum: 0 };
/** True or false. */
export const FLAG: SchemaObject = { type: 'boolean' };
/** A time as in ISO 8601. */
export const TIME: SchemaObject = { type: 'string', format: 'date-time' };
/** An object of which nothing more is said. */
export const ANY_OBJECT: SchemaObject = { type: 'object' };

/** An object with these and no other fields. @param optional names of those that may be missing */
export function closed(
  properties: Readonly<Record<string, SchemaObject>>,
  optional: readonly string[] = [],
): SchemaObject {
  return { ...open(properties, optional), additionalProperties: false };
}

/** An object with these fields, and maybe others: what OpenAI defines, and extends. */
export function open(
  properties: Readonly<Record<string, SchemaObject>>,
  optional: readonly string[] = [],
): SchemaObject {
  return { type: 'object', properties, required: Object.keys(properties).filter((name) => !optional.includes(name)) };
}

/** This or null. */
export function nullable(schema: SchemaObject): SchemaObject {
  return { anyOf: [schema, { type: 'null' }] };
}

/** A list of such values. */
export function listOf(items: SchemaObject): SchemaObject {
  return { type: 'array', items };
}

/** Such values by any names. */
export function mapOf(values: SchemaObject): SchemaObject {
  return { type: 'object', additionalProperties: values };
}

/** This text and no other. */
export function literal(...texts: readonly string[]): SchemaObject {
  return { enum: texts };
}

/** Each of these names with the same schema. */
export function each(names: readonly string[], schema: SchemaObject): Readonly<Record<string, SchemaObject>> {
  return Object.fromEntries(names.map((name) => [name, schema]));
}

/** One of the schemas of the description. */
export function refTo(name: string): SchemaObject {
  return { $ref: `#/components/schemas/${name}` };
}
