import { z } from 'zod';
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
} from './chat.ts';
import { GatewayError } from './errors.ts';
import { isRecord } from './json.ts';
import { atOnce, type Steps } from './turns.ts';

type RequestIssue = z.core.$ZodIssue;

/** OpenAI's codes tell ranges of integers from ranges of decimals. */
const INTEGERS = new Set<PropertyKey | undefined>(['max_tokens', 'max_completion_tokens', 'n', 'top_logprobs']);

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

/** The same in steps, for a large body. */
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
    if (issue) throw toError({ ...issue, path: [...path, at, ...issue.path] }, walk.body);
    if (++walk.entries % ENTRIES_PER_STEP === 0) yield;
  }
}

/** @throws GatewayError 400 for the first thing that is wrong with a value of the body */
function check(schema: z.ZodType, value: unknown, { body }: EntryWalk, ...path: readonly PropertyKey[]): void {
  const issue = issueOf(schema, value);
  if (issue) throw toError({ ...issue, path: [...path, ...issue.path] }, body);
}

function issueOf(schema: z.ZodType, value: unknown): RequestIssue | null {
  const issue = schema.safeParse(value).error?.issues[0];
  return issue === undefined ? null : deepest(issue);
}

/** What is wrong inside a union: the branch that got furthest is the one the caller meant. */
function deepest(issue: RequestIssue): RequestIssue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.map((branch) => branch[0]).find((found) => found !== undefined && found.path.length > 0);
  return inner ? deepest({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

function toError(issue: RequestIssue, body: unknown): GatewayError {
  const param = toParam(issue.path);
  const received = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], body);
  if (received === undefined) {
    const message = `Missing required parameter: '${param}'. Expected ${expectation(issue)}.`;
    return new GatewayError('missing_required_parameter', message, { param });
  }
  const { code, bodyCode, problem } = describe(issue, received);
  return new GatewayError(code, problem(param), { param, bodyCode });
}

interface Description {
  readonly code: 'invalid_type' | 'invalid_value';
  readonly bodyCode: string;
  readonly problem: (param: string) => string;
}

function describe(issue: RequestIssue, received: unknown): Description {
  const expected = expectation(issue);
  if (issue.code === 'too_small' && issue.origin === 'array') {
    const problem = (param: string) => `Invalid '${param}': it is empty. Expected ${expected}.`;
    return { code: 'invalid_value', bodyCode: 'empty_array', problem };
  }
  if ((issue.code === 'too_small' || issue.code === 'too_big') && typeof received === 'number') {
    const side = issue.code === 'too_small' ? 'below_min_value' : 'above_max_value';
    const problem = (param: string) => `Invalid '${param}': expected ${expected}, but got ${received} instead.`;
    return {
      code: 'invalid_value',
      bodyCode: `${INTEGERS.has(issue.path[0]) ? 'integer' : 'decimal'}_${side}`,
      problem,
    };
  }
  if (
    issue.code === 'invalid_type' ||
    (issue.code === 'invalid_union' && optionsOf(issue) === null && !isText(received))
  ) {
    const problem = (param: string) =>
      `Invalid type for '${param}': expected ${expected}, but got ${typeName(received)} instead.`;
    return { code: 'invalid_type', bodyCode: 'invalid_type', problem };
  }
  const problem = (param: string) => `Invalid value for '${param}': expected ${expected}, but got ${shown(received)}.`;
  return { code: 'invalid_value', bodyCode: 'invalid_value', problem };
}

/** What would have been right, in words that go after "expected". */
function expectation(issue: RequestIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return withArticle(issue.expected === 'int' ? 'integer' : issue.expected);
    case 'too_small':
      return issue.origin === 'array' ? 'at least one entry' : limitOf('at least', issue.minimum, issue.origin);
    case 'too_big':
      return limitOf('at most', issue.maximum, issue.origin);
    case 'invalid_union':
      if (optionsOf(issue) === null) return ownWords(issue);
      return `one of ${quoted(optionsOf(issue) ?? [])}`;
    case 'invalid_value':
      return `one of ${quoted(issue.values)}`;
    default:
      return ownWords(issue);
  }
}

/** The schema's own error texts begin with "expected". */
function ownWords(issue: RequestIssue): string {
  return issue.message.replace(/^expected /, '');
}

/** The words that a discriminated union knows for its discriminator. */
function optionsOf(issue: RequestIssue): readonly unknown[] | null {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options : null;
}

function limitOf(word: string, limit: number | bigint, origin: string): string {
  if (origin === 'string') return `a string of ${word} ${limit} character${limit === 1 ? '' : 's'}`;
  return `a value of ${word} ${limit}`;
}

function quoted(values: readonly unknown[]): string {
  return values.map((value) => `'${String(value)}'`).join(', ');
}

/** `messages[0].content`, as OpenAI writes it. */
function toParam(path: readonly PropertyKey[]): string {
  const parts = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return parts.join('').replace(/^\./, '');
}

function typeName(value: unknown): string {
  if (value === undefined || value === null) return value === null ? 'null' : 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return withArticle(typeof value);
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function shown(value: unknown): string {
  return isText(value) ? `'${value.slice(0, 100)}'` : typeName(value);
}
