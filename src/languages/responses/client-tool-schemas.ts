import { z } from 'zod';

const text = z.string().nullish();

/** Names of OpenAI; longer than 64 characters they are cut for models. */
const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, {
  error: 'expected 1 to 128 characters of a-z, A-Z, 0-9, underscore and dash',
});

const functionTool = z.looseObject({
  name: toolName,
  description: text,
  parameters: z.looseObject({}).nullish(),
  strict: z.boolean().nullish(),
});

const grammar = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('grammar'), syntax: z.enum(['lark', 'regex']), definition: z.string() }),
]);

const customTool = z.looseObject({ name: toolName, description: text, format: grammar.nullish() });

const toolSearch = z.looseObject({
  execution: z.enum(['server', 'client']).nullish(),
  description: text,
  parameters: z.looseObject({}).nullish(),
});

const location = z.looseObject({ city: text, country: text, region: text, timezone: text });

const webSearch = z.looseObject({
  external_web_access: z.boolean().nullish(),
  filters: z.looseObject({}).nullish(),
  search_context_size: text,
  user_location: location.nullish(),
});

/** Clients write the types: a map has no others than its own. */
const OWN_SCHEMAS = new Map<string, z.ZodType>([
  ['function', functionTool],
  ['custom', customTool],
  ['tool_search', toolSearch],
]);

function schemaFor(type: string): z.ZodType | undefined {
  return isWebSearch(type) ? webSearch : OWN_SCHEMAS.get(type);
}

/** OpenAI's names of its search, dated ones as well: `web_search`, `web_search_preview_2025_03_11`. */
export function isWebSearch(type: unknown): boolean {
  return typeof type === 'string' && /^web_search(_preview)?(_\d{4}_\d{2}_\d{2})?$/.test(type);
}

/** A tool that is no namespace. Types that the house does not know are let through as they came. */
export const responsesToolSchema = z.looseObject({ type: z.string() }).check((context) => {
  const result = schemaFor(context.value.type)?.safeParse(context.value);
  if (result?.error) context.issues.push(...(result.error.issues as typeof context.issues));
});

/** A namespace, but for its tools. */
export const namespaceSchema = z.looseObject({
  type: z.literal('namespace'),
  name: toolName,
  description: text,
  tools: z.array(z.unknown()),
});
