import { z } from 'zod';
import { GatewayError } from '../../protocol/errors.ts';
import { isRecord, type JsonRecord } from '../../protocol/json.ts';
import type { Steps } from '../../protocol/turns.ts';
import { check, checkList, type EntryWalk, endsStep, refuseMoreThan, refuseNoRecord } from '../entry-check.ts';
import { modelNameSchema } from '../model-name.ts';
import { contextManagementSchema, inputTextSchema, metadataValueSchema, responsesBodySchema } from './client-fields.ts';
import { ITEM_TYPES, itemSchema, responsesPartSchema } from './client-item-schemas.ts';
import { itemTypeOf } from './client-item-type.ts';
import { namespaceSchema, responsesToolSchema } from './client-tool-schemas.ts';

/** What of a body is a list, or is looked at entry by entry. */
interface ResponsesLists {
  readonly input?: string | readonly JsonRecord[] | null | undefined;
  readonly tools?: readonly JsonRecord[] | null | undefined;
  readonly include?: readonly string[] | null | undefined;
  readonly fallbacks?: readonly string[] | null | undefined;
  readonly metadata?: JsonRecord | null | undefined;
  readonly context_management?: readonly z.infer<typeof contextManagementSchema>[] | null | undefined;
}

/** The body of `POST /v1/responses` as its client wrote it, after validation. */
export type ResponsesBody = Readonly<
  Omit<z.infer<typeof responsesBodySchema>, keyof ResponsesLists> & ResponsesLists & JsonRecord
>;

const MAX_TOOLS = 2000;

/** Far beyond what real requests have; checked before a list is looked at. */
const MAX_ENTRIES = [
  ['input', 50_000],
  ['tools', MAX_TOOLS],
  ['include', 64],
  ['fallbacks', 32],
  ['context_management', 16],
] as const;

/** OpenAI's bounds of `metadata`. */
const MAX_PAIRS = 16;
const MAX_NAME_CHARS = 64;

/**
 * The body of `POST /v1/responses`, checked in steps for a large one; fields we do not know stay as they came.
 * @throws GatewayError 400 for the first thing that is wrong, in OpenAI's manner
 */
export function* checkResponsesBody(body: unknown): Steps<ResponsesBody> {
  refuseNoRecord(body);
  for (const [key, most] of MAX_ENTRIES) refuseMoreThan(most, key, body[key]);
  const walk = { body, entries: 0 };
  check(responsesBodySchema, body, walk);
  // As a whole it is one; now the entries of its lists.
  const asked = body as ResponsesBody;
  refuseContradictions(asked);
  const { input, tools, include, fallbacks, metadata, context_management: management } = asked;
  if (typeof input === 'string') check(inputTextSchema, input, walk, 'input');
  else if (input) yield* checkItems(input, walk);
  if (tools) yield* checkTools(tools, walk, 'tools');
  if (include) yield* checkList(z.string(), include, walk, 'include');
  if (fallbacks) yield* checkList(modelNameSchema, fallbacks, walk, 'fallbacks');
  if (management) yield* checkList(contextManagementSchema, management, walk, 'context_management');
  if (metadata) checkMetadata(metadata, walk);
  return asked;
}

/** Fields that are wrong together, or where one is missing without another. */
function refuseContradictions({
  model,
  input,
  prompt,
  conversation,
  previous_response_id: parent,
}: ResponsesBody): void {
  if (model == null && prompt == null) {
    throw missing('model', 'a string, the name of a model');
  }
  if (parent != null && conversation != null) {
    const message =
      "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of them.";
    const details = { param: 'previous_response_id', bodyCode: 'mutually_exclusive_parameters' };
    throw new GatewayError('invalid_value', message, details);
  }
  const isEmpty = input == null || input.length === 0;
  if (isEmpty && parent == null && conversation == null && prompt == null) {
    throw missing('input', "a string or an array of input items, or one of 'previous_response_id' and 'conversation'");
  }
}

function missing(param: string, expected: string): GatewayError {
  const message = `Missing required parameter: '${param}'. Expected ${expected}.`;
  return new GatewayError('missing_required_parameter', message, { param });
}

function* checkItems(items: readonly unknown[], walk: EntryWalk, list = 'input'): Steps<void> {
  const record = z.looseObject({ type: z.string().nullish() });
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    check(record, item, walk, list, at);
    yield* checkItem(item as JsonRecord, walk, list, at);
    if (endsStep(walk)) yield;
  }
}

const itemTypeSchema = z.enum(ITEM_TYPES as [string, ...string[]]);

/**
 * For who knows no items but ours.
 * @throws GatewayError 400 for the first item of an input that is of another type
 */
export function refuseUnknownItem(body: JsonRecord): void {
  const { input } = body;
  if (!Array.isArray(input)) return;
  for (const [at, item] of input.entries()) {
    const type = itemTypeOf(item as JsonRecord);
    if (itemSchema(type) === undefined) check(itemTypeSchema, type, { body, entries: 0 }, 'input', at, 'type');
  }
}

function* checkItem(item: JsonRecord, walk: EntryWalk, list: string, at: number): Steps<void> {
  const type = itemTypeOf(item);
  const schema = itemSchema(type);
  if (schema !== undefined) check(schema, item, walk, list, at);
  // Of a request, some provider may know it.
  else if (list !== 'input') check(itemTypeSchema, type, walk, list, at, 'type');
  const { content, output, tools } = item;
  if (type === 'message' && Array.isArray(content)) {
    yield* checkList(responsesPartSchema, content, walk, list, at, 'content');
  }
  if (/^(function|custom_tool)_call_output$/.test(type) && Array.isArray(output)) {
    yield* checkList(responsesPartSchema, output, walk, list, at, 'output');
  }
  if (Array.isArray(tools) && (type === 'additional_tools' || type === 'tool_search_output')) {
    refuseMoreThan(MAX_TOOLS, `${list}[${at}].tools`, tools);
    yield* checkTools(tools, walk, list, at, 'tools');
  }
}

function* checkTools(tools: readonly unknown[], walk: EntryWalk, ...path: readonly PropertyKey[]): Steps<void> {
  for (let at = 0; at < tools.length; at++) {
    const tool = tools[at];
    if (isRecord(tool) && tool['type'] === 'namespace') {
      check(namespaceSchema, tool, walk, ...path, at);
      refuseMoreThan(MAX_TOOLS, 'tools', tool['tools']);
      yield* checkList(responsesToolSchema, tool['tools'] as unknown[], walk, ...path, at, 'tools');
    } else check(responsesToolSchema, tool, walk, ...path, at);
    if (endsStep(walk)) yield;
  }
}

/** @throws GatewayError 400 for what is no metadata of a response or a conversation */
export function refuseBadMetadata(metadata: unknown, body: unknown): void {
  const walk = { body, entries: 0 };
  check(z.looseObject({}), metadata, walk, 'metadata');
  checkMetadata(metadata as JsonRecord, walk);
}

/** As many as OpenAI takes at once. */
const MAX_CONVERSATION_ITEMS = 20;

/** Items that are put into a conversation. @throws GatewayError 400 for the first thing that is wrong */
export function* checkConversationItems(items: unknown): Steps<readonly JsonRecord[]> {
  const walk = { body: { items }, entries: 0 };
  check(z.array(z.unknown()).nullish(), items, walk, 'items');
  refuseMoreThan(MAX_CONVERSATION_ITEMS, 'items', items);
  const given = (items ?? []) as readonly JsonRecord[];
  yield* checkItems(given, walk, 'items');
  return given;
}

function checkMetadata(metadata: JsonRecord, walk: EntryWalk): void {
  const names = Object.keys(metadata);
  if (names.length > MAX_PAIRS) {
    throw badMetadata(`it has ${names.length} pairs. Expected at most ${MAX_PAIRS}.`, 'object_above_max_properties');
  }
  for (const name of names) {
    if (name.length > MAX_NAME_CHARS) {
      const problem = `the name '${name.slice(0, 100)}' has ${name.length} characters. Expected at most ${MAX_NAME_CHARS}.`;
      throw badMetadata(problem, 'string_above_max_length');
    }
    check(metadataValueSchema, metadata[name], walk, 'metadata', name);
  }
}

function badMetadata(problem: string, bodyCode: string): GatewayError {
  return new GatewayError('invalid_value', `Invalid 'metadata': ${problem}`, { param: 'metadata', bodyCode });
}
