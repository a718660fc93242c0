import { z } from 'zod';
import { memberSchema } from './group-schema.ts';
import { configFileSchema, registryFileSchema } from './schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Where a value may come from the environment, its text is replaced before the value is looked at. */
const REFERENCE = { type: 'string', pattern: '\\$\\{' } as const;
const NAME = { type: 'string' } as const;

/**
 * The two configuration files as JSON Schema (draft 2020-12), for editors: made from the schema that the gateway itself
 * reads them by. What points from one setting to another is checked by `sluice check` alone.
 */
export const JSON_SCHEMAS = {
  'gateway.schema.json': () => toJsonSchema(configFileSchema, 'The main configuration file of Sluice'),
  'models.schema.json': () => toJsonSchema(registryFileSchema, 'The model registry of Sluice'),
} as const;

function toJsonSchema(schema: z.ZodType, title: string): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema === memberSchema) widen(jsonSchema, NAME);
      else if (isExact(jsonSchema)) widen(jsonSchema, REFERENCE);
    },
  });
  return { ...made, title };
}

/** Numbers, switches and fixed words may also be references such as `${PORT:-8080}`; any text may hold one anyhow. */
function isExact({ type, enum: words, pattern, format }: JsonSchema): boolean {
  if (type === 'string') return words !== undefined || pattern !== undefined || format !== undefined;
  return type === 'number' || type === 'integer' || type === 'boolean';
}

/** What is said of a setting stays outside: editors show it beside either form. */
function widen(schema: JsonSchema, other: JsonSchema): void {
  const { description, default: written, ...exact } = schema;
  for (const key of Object.keys(exact)) delete schema[key];
  schema.anyOf = [exact, other];
}
