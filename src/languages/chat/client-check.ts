import { z } from 'zod';
import { GatewayError } from '../../protocol/errors.ts';
import { isRecord } from '../../protocol/json.ts';
import { atOnce, type Steps } from '../../protocol/turns.ts';
import { issueOf, toRequestError, typeName } from '../request-issue.ts';
import {
  type ChatRequest,
  contentPartSchema,
  type Message,
  messageSchema,
  modelNameSchema,
  requestSchema,
  type ToolCall,
  toolCallSchema,
  toolSchema,
} from './schema.ts';

/** Far beyond what real requests have; checked before a list is looked at. */
const MAX_ENTRIES = [
  ['messages', 50_000],
  ['tools', 2000],
  ['stop', 64],
  ['fallbacks', 32],
] as const;

/** Entries that are validated in one step: about a millisecond. */
const ENTRIES_PER_STEP = 500;

/**
 * The body of `POST /v1/chat/completions` as a chat request; fields we do not know stay as they came.
 * @throws GatewayError 400 for the first thing that is wrong, in OpenAI's manner.
 */
export function parseChatRequest(body: unknown): ChatRequest {
  return atOnce(chatRequestSteps(body));
}

/** Checks a body in steps, for a large one. */
export function* chatRequestSteps(body: unknown): Steps<ChatRequest> {
  if (!isRecord(body)) {
    const message = `Invalid request body: expected a JSON object, but got ${typeName(body)} instead.`;
    throw new GatewayError('invalid_type', message);
  }
  for (const [key, most] of MAX_ENTRIES) refuseMoreThan(most, key, body[key]);
  const walk = { body, entries: 0 };
  check(requestSchema, body, walk);
  // As a whole it is one; now the entries of its lists.
  const chat = body as ChatRequest;
  const { stop, logit_bias: bias, tools, fallbacks } = chat;
  yield* checkMessages(chat, walk);
  if (Array.isArray(stop)) yield* checkList(z.string(), stop, walk, 'stop');
  if (bias) yield* checkBias(bias, walk);
  if (tools) yield* checkList(toolSchema, tools, walk, 'tools');
  if (fallbacks) yield* checkList(modelNameSchema, fallbacks, walk, 'fallbacks');
  if (chat.stream_options && !chat.stream) {
    const message =
      "Invalid value for 'stream_options': it is only allowed when 'stream' is true. Set 'stream' or leave it out.";
    throw new GatewayError('invalid_value', message, { param: 'stream_options' });
  }
  return chat;
}

/** @throws GatewayError 400 for what is no name of a model. @param param where it stands, for the error */
export function refuseBadModelName(name: string, param: string): void {
  check(modelNameSchema, name, { body: { [param]: name }, entries: 0 }, param);
}

function refuseMoreThan(most: number, param: string, list: unknown): void {
  if (!Array.isArray(list) || list.length <= most) return;
  const message = `Invalid '${param}': it has ${list.length} entries. Expected at most ${most}.`;
  throw new GatewayError('invalid_value', message, { param, bodyCode: 'array_above_max_length' });
}

/** What the checks of one body have in common. */
interface EntryWalk {
  readonly body: unknown;
  /** Looked at so far. */
  entries: number;
}

function* checkMessages({ messages }: ChatRequest, walk: EntryWalk): Steps<void> {
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at];
    check(messageSchema, message, walk, 'messages', at);
    const { role, content, tool_calls: calls } = message as Message;
    if (Array.isArray(content)) yield* checkList(contentPartSchema, content, walk, 'messages', at, 'content');
    if (role === 'assistant' && calls) {
      yield* checkList(toolCallSchema, calls as ToolCall[], walk, 'messages', at, 'tool_calls');
    }
    if (++walk.entries % ENTRIES_PER_STEP === 0) yield;
  }
}

function* checkBias(bias: Readonly<Record<string, unknown>>, walk: EntryWalk): Steps<void> {
  const number = z.number();
  for (const key of Object.keys(bias)) {
    check(number, bias[key], walk, 'logit_bias', key);
    if (++walk.entries % ENTRIES_PER_STEP === 0) yield;
  }
}

function* checkList(
  schema: z.ZodType,
  list: readonly unknown[],
  walk: EntryWalk,
  ...path: readonly PropertyKey[]
): Steps<void> {
  for (let at = 0; at < list.length; at++) {
    const issue = issueOf(schema, list[at]);
    if (issue) throw toRequestError({ ...issue, path: [...path, at, ...issue.path] }, walk.body);
    if (++walk.entries % ENTRIES_PER_STEP === 0) yield;
  }
}

/** @throws GatewayError 400 for the first thing that is wrong with a value of the body */
function check(schema: z.ZodType, value: unknown, { body }: EntryWalk, ...path: readonly PropertyKey[]): void {
  const issue = issueOf(schema, value);
  if (issue) throw toRequestError({ ...issue, path: [...path, ...issue.path] }, body);
}
