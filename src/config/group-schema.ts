import { z } from 'zod';

/** The settings of models that stand for others: groups, and rules that choose by the request. */

/** How a group chooses among its members for one call. */
const STRATEGIES = ['order', 'weighted', 'cheapest', 'fastest', 'least-busy'] as const;

const POSITIVE_TEXT = 'expected a number greater than 0';
const strategy = z.enum(STRATEGIES).optional();

/** A name alone is a member of weight 1. */
export const memberSchema = z.preprocess(
  (value) => (typeof value === 'string' ? { model: value } : value),
  z.strictObject(
    {
      model: z.string(),
      weight: z.number({ error: POSITIVE_TEXT }).positive({ error: POSITIVE_TEXT }).optional(),
    },
    { error: ({ code }) => (code === 'invalid_type' ? 'expected a model, or { model: a, weight: 3 }' : undefined) },
  ),
);
const members = z.array(memberSchema).min(1);

const when = z.strictObject({
  tools: z.boolean().optional(),
  images: z.boolean().optional(),
  audio: z.boolean().optional(),
  pdf: z.boolean().optional(),
  json_schema: z.boolean().optional(),
  /** Of the prompt, estimated. */
  min_tokens: z.int().min(0).optional(),
  max_tokens: z.int().min(0).optional(),
  reasoning_effort: z.array(z.string()).min(1).optional(),
  /** Names of client keys. */
  key: z.array(z.string()).min(1).optional(),
  header: z.record(z.string(), z.string()).optional(),
  /** Regular expressions for the last message of the user, of which one must match; case does not count. */
  matches: z
    .union([z.string(), z.array(z.string()).min(1)], { error: 'expected a regular expression, or a list of them' })
    .optional(),
});

/** The name stands in a header of the answer. */
const rule = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+( [\w.-]+)*$/, { error: 'expected a name of letters, digits, spaces and . _ -' })
    .optional(),
  when: when.optional(),
  use: members,
  strategy,
});

/** What a model has instead of a provider: targets, or rules and where they do not help. */
export const groupSettings = {
  targets: members.optional(),
  strategy,
  rules: z.array(rule).min(1).optional(),
  otherwise: members.optional(),
};

export type Strategy = (typeof STRATEGIES)[number];
export type MemberEntry = z.infer<typeof memberSchema>;
export type WhenEntry = z.infer<typeof when>;
export type RuleEntry = z.infer<typeof rule>;
