import { z } from 'zod';
import { type Settings, schemaOf } from './settings/setting.ts';

/** The settings of models that stand for others: groups, and rules that choose by the request. */

/** How a group chooses among its members for one call. */
const STRATEGIES = ['order', 'weighted', 'cheapest', 'fastest', 'least-busy'] as const;

const POSITIVE_TEXT = 'expected a number greater than 0';
const count = z.int().min(0);
const names = z.array(z.string()).min(1);
const strategy = {
  type: z.enum(STRATEGIES),
  default: 'order',
  meaning: `how they are chosen: ${STRATEGIES.map((name) => `\`${name}\``).join(', ')}`,
} as const;

const member = z.strictObject(
  {
    model: z.string(),
    weight: z.number({ error: POSITIVE_TEXT }).positive({ error: POSITIVE_TEXT }).optional(),
  },
  { error: ({ code }) => (code === 'invalid_type' ? 'expected a model, or { model: a, weight: 3 }' : undefined) },
);
/** A name alone is a member of weight 1. */
export const memberSchema = z.preprocess(
  (value: string | z.input<typeof member>) => (typeof value === 'string' ? { model: value } : value),
  member,
);
const members = z.array(memberSchema).min(1);

/** All of it must be so. */
const WHEN = {
  tools: { type: z.boolean(), meaning: 'whether the request has tools' },
  images: { type: z.boolean(), meaning: 'whether it has images' },
  audio: { type: z.boolean(), meaning: 'whether it has audio' },
  pdf: { type: z.boolean(), meaning: 'whether it has PDFs' },
  json_schema: { type: z.boolean(), meaning: 'whether it wants an answer by a schema' },
  min_tokens: { type: count, meaning: 'of the prompt, estimated: at least' },
  max_tokens: { type: count, meaning: 'of the prompt, estimated: at most' },
  reasoning_effort: { type: names, meaning: 'one of these' },
  key: { type: names, meaning: 'the name of the client key is one of these' },
  header: { type: z.record(z.string(), z.string()), meaning: 'headers with these values: `{ name: value }`' },
  matches: {
    type: z.union([z.string(), names], { error: 'expected a regular expression, or a list of them' }),
    meaning:
      'a regular expression for the last message of the user, or several of which one must match; case does not count',
  },
} as const satisfies Settings;
const when = schemaOf(WHEN);

const RULE = {
  name: {
    type: z.string().regex(/^[\w.-]+( [\w.-]+)*$/, { error: 'expected a name of letters, digits, spaces and . _ -' }),
    meaning: 'it stands in a header of the answer',
  },
  when: { type: when, settings: WHEN, without: 'every request', meaning: 'the conditions, all of which must hold' },
  use: { type: members, isRequired: true, meaning: 'its models' },
  strategy,
} as const satisfies Settings;
const rule = schemaOf(RULE);

/** What a model has instead of a provider: targets, or rules and where they do not help. */
export const GROUP = {
  targets: { type: members, meaning: 'of a group: its models, `a` or `{ model: a, weight: 3 }`' },
  strategy,
  rules: {
    type: z.array(rule).min(1),
    settings: RULE,
    meaning:
      'instead of `provider` and `targets`: the first that matches and has a model that can serve the request wins',
  },
  otherwise: { type: members, meaning: 'beside `rules`: the models for requests that no rule leads anywhere' },
} as const satisfies Settings;

export type Strategy = (typeof STRATEGIES)[number];
export type MemberEntry = z.infer<typeof memberSchema>;
export type WhenEntry = z.infer<typeof when>;
export type RuleEntry = z.infer<typeof rule>;
