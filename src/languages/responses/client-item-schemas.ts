import { z } from 'zod';

/** Items and their parts as clients send them, back or for the first time. Null is absent. */

const text = z.string().nullish();
/** OpenAI's have at most 64 characters, some servers put a blob there. A store finds items by it: Postgres has no key beyond 2,700 bytes. */
const itemId = z.string().max(512).nullish();
/** Validated one by one. */
const entries = z.array(z.unknown());
const callId = z.string().min(1);
const record = z.looseObject({});

const content = z.union([z.string(), entries], { error: 'expected a string or an array of content parts' });
const output = z.union([z.string(), entries], { error: 'expected a string or an array of content parts' });

const message = z.looseObject({
  id: itemId,
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content,
  phase: text,
});

const textEntry = z.looseObject({ text: z.string() });

const reasoning = z.looseObject({
  id: itemId,
  // Written one by one by real clients: a handful.
  summary: z.array(textEntry).nullish(),
  content: z.array(textEntry).nullish(),
  encrypted_content: text,
});

const functionCall = z.looseObject({
  id: itemId,
  call_id: callId,
  name: z.string().min(1),
  namespace: text,
  arguments: z.string(),
  async: z.boolean().nullish(),
});

const customCall = z.looseObject({
  id: itemId,
  call_id: callId,
  name: z.string().min(1),
  namespace: text,
  input: z.string(),
});

const callOutput = z.looseObject({ id: itemId, call_id: callId, output });
/** Of calls that the client executes by a schema of OpenAI's own. */
const shellCall = z.looseObject({ id: itemId, call_id: callId, action: record });
const patchCall = z.looseObject({ id: itemId, call_id: callId, operation: record });
const patchOutput = z.looseObject({ id: itemId, call_id: callId, output: text });
const shellOutput = z.looseObject({ id: itemId, call_id: callId, output: entries });

const toolSearchCall = z.looseObject({ id: itemId, call_id: text, arguments: z.unknown() });
const toolSearchOutput = z.looseObject({ id: itemId, call_id: text, tools: entries });

/** What else OpenAI has: read by nothing but its words. */
const other = z.looseObject({ id: itemId });

const ITEM_SCHEMAS = new Map<string, z.ZodType>([
  ['message', message],
  ['reasoning', reasoning],
  ['function_call', functionCall],
  ['function_call_output', callOutput],
  ['custom_tool_call', customCall],
  ['custom_tool_call_output', callOutput],
  ['tool_search_call', toolSearchCall],
  ['tool_search_output', toolSearchOutput],
  ['additional_tools', z.looseObject({ id: itemId, tools: entries })],
  ['compaction', z.looseObject({ id: itemId, encrypted_content: z.string() })],
  ['item_reference', z.looseObject({ id: z.string().min(1).max(512) })],
  ['local_shell_call', shellCall],
  ['local_shell_call_output', z.looseObject({ id: itemId, call_id: text, output: z.string() })],
  ['shell_call', shellCall],
  ['shell_call_output', shellOutput],
  ['apply_patch_call', patchCall],
  ['apply_patch_call_output', patchOutput],
  ['web_search_call', other],
  ['file_search_call', other],
  ['code_interpreter_call', other],
  ['image_generation_call', other],
  ['computer_call', other],
  ['computer_call_output', other],
  ['mcp_list_tools', other],
  ['mcp_approval_request', other],
  ['mcp_approval_response', other],
  ['mcp_call', other],
  ['compaction_trigger', other],
  ['configuration_update', other],
  ['program', other],
  ['program_output', other],
]);

/** The types of items that there are, in the order in which an error names them. */
export const ITEM_TYPES: readonly string[] = [...ITEM_SCHEMAS.keys()];

/** One item by its type; undefined for one that there is not. */
export function itemSchema(type: string): z.ZodType | undefined {
  return ITEM_SCHEMAS.get(type);
}

const image = z
  .looseObject({ image_url: text, file_id: text, detail: text })
  .refine((part) => part.image_url != null || part.file_id != null, {
    path: ['image_url'],
    error: 'expected a string, or a file_id beside it',
  });
const file = z
  .looseObject({ file_data: text, file_url: text, file_id: text, filename: text })
  .refine((part) => part.file_data != null || part.file_url != null || part.file_id != null, {
    path: ['file_data'],
    error: 'expected a string, or a file_url or file_id in its place',
  });
const audio = z.looseObject({ input_audio: z.looseObject({ data: z.string(), format: z.string() }) });

const PART_SCHEMAS = new Map<string, z.ZodType>([
  ['input_text', textEntry],
  ['input_image', image],
  ['input_file', file],
  ['input_audio', audio],
  ['output_text', textEntry],
  ['refusal', z.looseObject({ refusal: z.string() })],
  ['computer_screenshot', image],
]);

const PART_TYPES = [...PART_SCHEMAS.keys()] as [string, ...string[]];

/** A content part of a message or of an output. */
export const responsesPartSchema = z.looseObject({ type: z.enum(PART_TYPES) }).check((context) => {
  const result = PART_SCHEMAS.get(context.value.type)?.safeParse(context.value);
  if (result?.error) context.issues.push(...(result.error.issues as typeof context.issues));
});
