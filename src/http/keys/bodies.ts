import { z } from 'zod';
import type { KeyChange } from '../../access/kept-keys.ts';
import type { OrgChange } from '../../access/kept-orgs.ts';
import type { NewKey } from '../../access/key-management.ts';
import type { BudgetWindow, KeptLimits } from '../../access/limits.ts';
import type { NewOrg } from '../../access/org-management.ts';
import { parseDuration } from '../../config/units.ts';
import { NAME_PATTERN, ORG_ID_PATTERN } from '../../protocol/names.ts';
import { ROUTES } from '../../protocol/routes.ts';
import { IGNORED_FIELDS } from './openrouter-shape.ts';
import { parseStrictly } from './strict.ts';

/** No more than nine million USD, to which nano-dollars are exact. */
const usd = z.number().min(0).max(9_000_000);
const count = z.int().min(0).max(1_000_000_000);
const MAX_METADATA = 8192;
/** A year: whatever is rotated so seldom is not rotated. */
const LONGEST_GRACE_MS = 365 * 86_400_000;
/** From here on ISO 8601 writes a year with a sign, which clients do not read. */
const YEAR_10000_MS = Date.UTC(10_000, 0);

const name = z.string().regex(NAME_PATTERN, { error: 'expected 1 to 128 characters, without control characters' });
const orgId = z.string().regex(ORG_ID_PATTERN, {
  error: 'expected 1 to 64 letters, digits, points, dashes and underscores, with a letter or digit first',
});
const time = z.iso
  .datetime({ offset: true, error: 'expected a time such as 2027-01-31T12:00:00Z' })
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) < YEAR_10000_MS, {
    error: 'expected a time from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z',
  });
/** With spaces around it a pattern fits no model. */
const pattern = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\S(?:.*\S)?$/s, { error: 'expected a pattern such as gpt-* without spaces around it' });
const metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_METADATA, {
    error: `expected at most ${MAX_METADATA} bytes`,
  });
const rates = {
  rpm_limit: count.nullable().optional(),
  tpm_limit: count.nullable().optional(),
  max_parallel_requests: count.nullable().optional(),
};
const LIMITS = {
  ...rates,
  limit: usd.nullable().optional(),
  limit_reset: z.enum(['daily', 'weekly', 'monthly']).nullable().optional(),
  soft_budget: usd.nullable().optional(),
  budgets: z
    .strictObject({
      day: usd.nullable().optional(),
      week: usd.nullable().optional(),
      month: usd.nullable().optional(),
      total: usd.nullable().optional(),
    })
    .nullable()
    .optional(),
  on_exhausted: z.enum(['finish', 'cut']).nullable().optional(),
  model_limits: z.record(z.string().min(1).max(200), z.strictObject(rates).nullable()).nullable().optional(),
};
const COMMON = {
  ...LIMITS,
  disabled: z.boolean().optional(),
  models: z.array(pattern).max(200).nullable().optional(),
  metadata: metadata.nullable().optional(),
};
const OF_KEYS = {
  ...COMMON,
  ...IGNORED_FIELDS,
  expires_at: time.nullable().optional(),
  org_id: orgId.nullable().optional(),
  routes: z.array(z.enum(ROUTES)).max(ROUTES.length).nullable().optional(),
};

const newKeySchema = z.strictObject({ ...OF_KEYS, name, kind: z.enum(['call', 'management']).default('call') });
const keyChangeSchema = z.strictObject({ ...OF_KEYS, name: name.optional() });
const newOrgSchema = z.strictObject({
  ...COMMON,
  id: orgId,
  name: name.optional(),
  parent_id: orgId.nullable().optional(),
});
const orgChangeSchema = z.strictObject({ ...COMMON, name: name.optional() });
const resetSchema = z.strictObject({ window: z.enum(['day', 'week', 'month', 'total']) });
const rotationSchema = z.strictObject({
  grace: z.union([z.string(), z.literal(0)], { error: 'expected a duration such as 24h' }).optional(),
});

/** What the bodies of the administration's API are checked with. */
export const KEY_BODIES = {
  newKey: newKeySchema,
  keyChange: keyChangeSchema,
  newOrg: newOrgSchema,
  orgChange: orgChangeSchema,
  rotation: rotationSchema,
  reset: resetSchema,
} as const;

/** What `POST /v1/keys` asks for. @throws GatewayError 400 */
export function parseNewKey(body: unknown): NewKey {
  const { kind, ...given } = parseStrictly(newKeySchema, body);
  return {
    kind,
    name: given.name,
    orgId: given.org_id ?? null,
    isDisabled: given.disabled ?? false,
    expiresAt: given.expires_at == null ? null : Date.parse(given.expires_at),
    limits: limitsOf(given),
    models: given.models ?? null,
    routes: given.routes ?? null,
    metadata: given.metadata ?? {},
  };
}

/** What `PATCH /v1/keys/:hash` changes: what is missing stays, what is null is removed. @throws GatewayError 400 */
export function parseKeyChange(body: unknown): KeyChange {
  const given = parseStrictly(keyChangeSchema, body);
  return {
    ...commonChange(given),
    ...(given.org_id === undefined ? {} : { orgId: given.org_id }),
    ...(given.expires_at === undefined
      ? {}
      : { expiresAt: given.expires_at === null ? null : Date.parse(given.expires_at) }),
    ...(given.routes === undefined ? {} : { routes: given.routes }),
  };
}

/** What `POST /v1/orgs` asks for. @throws GatewayError 400 */
export function parseNewOrg(body: unknown): NewOrg {
  const given = parseStrictly(newOrgSchema, body);
  return {
    id: given.id,
    name: given.name ?? given.id,
    parentId: given.parent_id ?? null,
    isDisabled: given.disabled ?? false,
    limits: limitsOf(given),
    models: given.models ?? null,
    metadata: given.metadata ?? {},
  };
}

/** What `PATCH /v1/orgs/:id` changes. @throws GatewayError 400 */
export function parseOrgChange(body: unknown): OrgChange {
  return commonChange(parseStrictly(orgChangeSchema, body));
}

/** Which window of a budget begins anew. @throws GatewayError 400 */
export function parseReset(body: unknown): BudgetWindow {
  return parseStrictly(resetSchema, body ?? {}).window;
}

/** How long the secret before holds; null where the body does not say. @throws GatewayError 400 */
export function parseGrace(body: unknown): number | null {
  const schema = rotationSchema.refine(({ grace }) => toGrace(grace) !== null, {
    path: ['grace'],
    error: 'expected a duration of at most a year, such as 24h, 30m or 0',
  });
  return toGrace(parseStrictly(schema, body ?? {}).grace) ?? null;
}

function toGrace(text: string | 0 | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  const ms = text === '0' || text === 0 ? 0 : parseDuration(text);
  return ms !== null && ms <= LONGEST_GRACE_MS ? ms : null;
}

type Common = z.infer<typeof orgChangeSchema>;

function commonChange(given: Common): OrgChange {
  const limits = limitsOf(given);
  return {
    ...(given.name === undefined ? {} : { name: given.name }),
    ...(given.disabled === undefined ? {} : { isDisabled: given.disabled }),
    ...(given.models === undefined ? {} : { models: given.models }),
    ...(given.metadata === undefined ? {} : { metadata: given.metadata ?? {} }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}

function limitsOf(given: object): KeptLimits {
  return Object.fromEntries(Object.entries(given).filter(([key, value]) => key in LIMITS && value !== undefined));
}
