import { z } from 'zod';
import { modelNameSchema } from '../model-name.ts';

/** The fields of `POST /v1/responses`, loose: those that are not named here stay as they came. Null is absent. */

/** Entries of a list are validated one by one, up to the first wrong one. */
const entries = z.array(z.unknown());

const text = z.string().nullish();

/** Open Responses bounds a text at 10 MiB. */
export const inputTextSchema = z.string().max(10 * 1024 * 1024);

const inputForm = z.union([z.string(), entries], {
  error: 'expected a string or an array of input items',
});

const conversation = z.union([z.string(), z.looseObject({ id: z.string() })], {
  error: 'expected the id of a conversation or an object with it',
});

const schemaName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, {
  error: 'expected 1 to 64 characters of a-z, A-Z, 0-9, underscore and dash',
});

const textFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    name: schemaName,
    schema: z.looseObject({}),
    strict: z.boolean().nullish(),
    description: text,
  }),
]);

const summaryForm = z.enum(['auto', 'concise', 'detailed']).nullish();

const toolChoice = z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })], {
  error: "expected 'none', 'auto', 'required' or an object that names a tool",
});

/** The body, but for the entries of its lists. */
export const responsesBodySchema = z.object({
  model: modelNameSchema.nullish(),
  input: inputForm.nullish(),
  instructions: text,
  previous_response_id: text,
  conversation: conversation.nullish(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_obfuscation: z.boolean().nullish() }).nullish(),
  // OpenAI wants at least 16; less is a wish that other providers grant.
  max_output_tokens: z.int().min(1).nullish(),
  max_tool_calls: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  tools: entries.nullish(),
  tool_choice: toolChoice.nullish(),
  text: z
    .looseObject({ format: textFormat.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish() })
    .nullish(),
  reasoning: z
    .looseObject({
      effort: text,
      summary: summaryForm,
      // OpenAI's older name for the summary.
      generate_summary: summaryForm,
      context: z.enum(['auto', 'current_turn', 'all_turns']).nullish(),
      mode: text,
    })
    .nullish(),
  include: entries.nullish(),
  metadata: z.looseObject({}).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  context_management: entries.nullish(),
  prompt: z.looseObject({ id: z.string(), version: text, variables: z.looseObject({}).nullish() }).nullish(),
  service_tier: text,
  safety_identifier: text,
  user: text,
  prompt_cache_key: text,
  prompt_cache_options: z.looseObject({}).nullish(),
  prompt_cache_retention: text,
  moderation: z.looseObject({}).nullish(),
  fallbacks: entries.nullish(),
});

/** An entry of `context_management`. */
export const contextManagementSchema = z.looseObject({
  type: z.enum(['compaction']),
  compact_threshold: z.int().min(1).nullish(),
});

/** A value of `metadata`. */
export const metadataValueSchema = z.string().max(512);
