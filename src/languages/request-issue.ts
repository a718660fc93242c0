import type { z } from 'zod';
import { GatewayError } from '../protocol/errors.ts';

/** One thing that is wrong, as zod tells it. */
export type RequestIssue = z.core.$ZodIssue;

/** OpenAI's codes tell ranges of integers from ranges of decimals. */
const INTEGERS = new Set<PropertyKey | undefined>(['max_tokens', 'max_completion_tokens', 'n', 'top_logprobs']);

/** The first thing that is wrong with a value; null when nothing is. */
export function issueOf(schema: z.ZodType, value: unknown): RequestIssue | null {
  const issue = schema.safeParse(value).error?.issues[0];
  return issue === undefined ? null : deepest(issue);
}

/** What is wrong inside a union: the branch that got furthest is the one the caller meant. */
function deepest(issue: RequestIssue): RequestIssue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.map((branch) => branch[0]).find((found) => found !== undefined && found.path.length > 0);
  return inner ? deepest({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

/** What is wrong with a body, in OpenAI's manner: the parameter, what was expected, what came. */
export function toRequestError(issue: RequestIssue, body: unknown): GatewayError {
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

/** What kind of JSON a value is, in words. */
export function typeName(value: unknown): string {
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
