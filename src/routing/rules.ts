import type { WhenEntry } from '../config/group-schema.ts';
import { wordsOf } from '../protocol/model-message.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { Need, Needs } from './needs.ts';
import type { Target } from './target.ts';

/** Patterns look at so much of the beginning and of the end of a message: a question stands at one of them. */
const LOOKED_AT = 250;

/** Who asks, as far as rules may know. */
export interface Caller {
  /** An opaque name, by which one caller's trouble is told from everybody's. */
  readonly id: string;
  /** Name of the client's key. */
  readonly keyName: string;
  /** Which targets may answer; null for all. */
  readonly mayUse: ((target: Target) => boolean) | null;
  header(name: string): string | undefined;
}

/** What rules are held against. */
export interface RuleInput {
  readonly request: ModelRequest;
  readonly needs: Needs;
  readonly caller: Caller;
}

/** Whether a request is of the kind that a rule is for. */
export type Condition = (input: RuleInput) => boolean;

/** Makes the condition of a rule, once for all requests: everything that it names must hold. */
export function compileCondition(when: WhenEntry = {}): Condition {
  const conditions = [
    ...FLAGS.flatMap(([setting, need]) => needCondition(when[setting], need)),
    ...(when.min_tokens === undefined && when.max_tokens === undefined ? [] : [lengthCondition(when)]),
    ...(when.reasoning_effort ? [effortCondition(new Set(when.reasoning_effort))] : []),
    ...(when.key ? [keyCondition(new Set(when.key))] : []),
    ...Object.entries(when.header ?? {}).map(([name, value]) => headerCondition(name, value)),
    ...(when.matches === undefined ? [] : [textCondition([when.matches].flat())]),
  ];
  return (input) => conditions.every((condition) => condition(input));
}

const FLAGS = [
  ['tools', 'tools'],
  ['images', 'vision'],
  ['audio', 'audio'],
  ['pdf', 'pdf'],
  ['json_schema', 'json_schema'],
] as const satisfies readonly (readonly [keyof WhenEntry, Need])[];

function needCondition(wanted: boolean | undefined, need: Need): Condition[] {
  return wanted === undefined ? [] : [({ needs }) => needs.capabilities.has(need) === wanted];
}

function lengthCondition({ min_tokens: min = 0, max_tokens: max = Number.POSITIVE_INFINITY }: WhenEntry): Condition {
  return ({ needs }) => needs.promptTokens() >= min && needs.promptTokens() <= max;
}

function effortCondition(efforts: ReadonlySet<string>): Condition {
  return ({ request }) => efforts.has(request.reasoning.effort ?? '');
}

function keyCondition(names: ReadonlySet<string>): Condition {
  return ({ caller }) => names.has(caller.keyName);
}

function headerCondition(name: string, value: string): Condition {
  return ({ caller }) => caller.header(name) === value;
}

function textCondition(sources: readonly string[]): Condition {
  const patterns = sources.map((source) => new RegExp(source, 'iu'));
  return ({ request }) => {
    const text = lookedAt(request);
    return patterns.some((pattern) => pattern.test(text));
  };
}

function lookedAt({ messages }: ModelRequest): string {
  const text = wordsOf(messages.findLast(({ role }) => role === 'user')?.content ?? '');
  return text.length <= 2 * LOOKED_AT ? text : `${text.slice(0, LOOKED_AT)}\n${text.slice(-LOOKED_AT)}`;
}
