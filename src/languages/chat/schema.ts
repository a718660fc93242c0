import { z } from 'zod';

/**
 * The request of `POST /v1/chat/completions`, loose: fields we do not know ride along untouched
 * (providers accept many of their own). Known fields have OpenAI's documented types and ranges.
 */

const textPart = z.looseObject({ text: z.string() });
const imagePart = z.looseObject({ image_url: z.looseObject({ url: z.string(), detail: z.string().nullish() }) });
const audioPart = z.looseObject({ input_audio: z.looseObject({ data: z.string(), format: z.string() }) });
const filePart = z.looseObject({
  file: z.looseObject({
    file_data: z.string().nullish(),
    file_id: z.string().nullish(),
    filename: z.string().nullish(),
  }),
});
const refusalPart = z.looseObject({ refusal: z.string() });

/** Clients write the names: a map has no others than its own. */
const PART_SCHEMAS = new Map<string, z.ZodType>([
  ['text', textPart],
  ['image_url', imagePart],
  ['input_audio', audioPart],
  ['file', filePart],
  ['refusal', refusalPart],
]);

/** A content part. A `type` that OpenAI does not name (a provider's own) is let through as it came. */
export const contentPartSchema = z.looseObject({ type: z.string() }).check((context) => {
  const schema = PART_SCHEMAS.get(context.value.type);
  const result = schema?.safeParse(context.value);
  if (result?.error) context.issues.push(...(result.error.issues as typeof context.issues));
});

/** Entries of a list are validated one by one, up to the first wrong one: zod alone would name all 250,000. */
const entries = z.array(z.unknown());

const contentForm = z.union([z.string(), entries], { error: 'expected a string or an array of content parts' });

/** One entry of an assistant's `tool_calls`. */
export const toolCallSchema = z.looseObject({
  id: z.string(),
  type: z.string().nullish(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).nullish(),
  custom: z.looseObject({ name: z.string(), input: z.string() }).nullish(),
});

function messageOf<C extends z.ZodType, T extends z.ZodType>(content: C, toolCalls: T) {
  return z.discriminatedUnion('role', [
    z.looseObject({ role: z.literal('developer'), content }),
    z.looseObject({ role: z.literal('system'), content }),
    z.looseObject({ role: z.literal('user'), content }),
    z.looseObject({
      role: z.literal('assistant'),
      content: content.nullish(),
      refusal: z.string().nullish(),
      tool_calls: toolCalls.nullish(),
    }),
    z.looseObject({ role: z.literal('tool'), tool_call_id: z.string(), content }),
    z.looseObject({ role: z.literal('function'), name: z.string(), content: content.nullish() }),
  ]);
}

/** One message, but for the entries of its lists. */
export const messageSchema = messageOf(contentForm, entries);

const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, {
  error: 'expected 1 to 64 characters of a-z, A-Z, 0-9, underscore and dash',
});
const functionTool = z.looseObject({
  function: z.looseObject({
    name: functionName,
    description: z.string().nullish(),
    parameters: z.looseObject({}).nullish(),
    strict: z.boolean().nullish(),
  }),
});

/** A tool. Types other than `function` (OpenAI's `custom`, a provider's own) are let through as they came. */
export const toolSchema = z.looseObject({ type: z.string() }).check((context) => {
  if (context.value.type !== 'function') return;
  const result = functionTool.safeParse(context.value);
  if (result.error) context.issues.push(...(result.error.issues as typeof context.issues));
});

const toolChoice = z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })], {
  error: "expected 'none', 'auto', 'required' or an object that names a tool",
});

const responseFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name: z.string(),
      schema: z.looseObject({}).nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
  z.looseObject({ type: z.literal('grammar') }),
  z.looseObject({ type: z.literal('regex') }),
]);

const tokenLimit = z.int().min(1).nullish();

/** The name of a model. Names end up in headers, logs and metrics: they have no control characters. */
export const modelNameSchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'expected a name without control characters' });

/** A chat request, but for the entries of its lists; see {@link ChatRequest}. */
export const requestSchema = z.object({
  model: modelNameSchema,
  messages: entries.min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokenLimit,
  max_completion_tokens: tokenLimit,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  n: z.int().min(1).max(128).nullish(),
  // Not `z.int()`: OpenAI's seeds are int64, and those beyond 2^53 are still integers to their sender.
  seed: z.number().nullish(),
  stop: z.union([z.string(), entries], { error: 'expected a string or an array of strings' }).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  logit_bias: z.object({}).nullish(),
  tools: entries.nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
  reasoning_effort: z.string().nullish(),
  verbosity: z.string().nullish(),
  user: z.string().nullish(),
  metadata: z.object({}).nullish(),
  fallbacks: entries.nullish(),
});

export type ContentPart = z.infer<typeof contentPartSchema>;
export type Content = string | ContentPart[];
export type ToolCall = z.infer<typeof toolCallSchema>;
export type Tool = z.infer<typeof toolSchema>;
export type Message = z.infer<ReturnType<typeof messageOf<z.ZodType<Content>, z.ZodType<ToolCall[]>>>>;

/** What of a request is a list, or is looked at entry by entry. */
interface RequestLists {
  readonly messages: Message[];
  readonly tools?: Tool[] | null | undefined;
  readonly stop?: string | string[] | null | undefined;
  readonly fallbacks?: string[] | null | undefined;
  readonly logit_bias?: Record<string, number> | null | undefined;
  readonly metadata?: Record<string, unknown> | null | undefined;
}

/** One chat request as the client sent it, after validation. Never mutated: every attempt translates it afresh. */
export type ChatRequest = Readonly<
  Omit<z.infer<typeof requestSchema>, keyof RequestLists> & RequestLists & Record<string, unknown>
>;

/** A function the client declared, with the wrapper of `tools[]` taken off. */
export interface FunctionDeclaration {
  readonly name: string;
  readonly description?: string | null;
  readonly parameters?: Record<string, unknown> | null;
  readonly strict?: boolean | null;
}

/** The functions among the tools of a request; tools of other types are left out. */
export function functionsOf(chat: ChatRequest): FunctionDeclaration[] {
  const tools = (chat.tools ?? []).filter((tool) => tool.type === 'function');
  return tools.map((tool) => tool['function'] as FunctionDeclaration);
}

/** The text of a message's content: a string as it is, text and refusal parts joined. */
export function textOf(content: Content | null | undefined): string {
  if (typeof content === 'string') return content;
  const texts = (content ?? []).map((part) => (part.type === 'refusal' ? part['refusal'] : part['text']));
  return texts.filter((text) => typeof text === 'string').join('');
}

/** The content as parts, whatever form it came in; an empty string has none. */
export function partsOf(content: Content | null | undefined): ContentPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return content ?? [];
}
