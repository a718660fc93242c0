import { z } from 'zod';
import { NAME_PATTERN, ORG_ID_PATTERN } from '../../protocol/names.ts';
import { ROUTES } from '../../protocol/routes.ts';
import { duration } from '../units.ts';
import { GOVERNANCE_RULES } from './governance.ts';
import { GOVERNED } from './limits.ts';
import { block, type Settings, schemaOf } from './setting.ts';

const keyName = z.string().regex(NAME_PATTERN, {
  error: 'expected a name of 1 to 128 characters, without line breaks and control characters',
});

const orgId = z.string().regex(ORG_ID_PATTERN, {
  error: 'expected an id of 1 to 64 letters, digits, points, dashes and underscores, with a letter or digit first',
});

const modelPatterns = z.array(z.string().min(1).max(200)).max(200);

const models = {
  type: modelPatterns,
  without: 'all',
  meaning: 'all models that may answer, by id, alias or `provider/id`; `*` stands for anything, as in `gpt-*`',
} as const;

/** A key of a client. */
export const KEY = {
  name: {
    type: keyName,
    isRequired: true,
    meaning: 'up to 128 characters: it stands in logs, metrics and usage',
  },
  key: {
    type: z.string().regex(/^\S+$/, { error: 'expected a key of at least one character and without spaces' }),
    meaning: 'what the client sends as `Authorization: Bearer …`. 16 characters or more, or there is a warning',
  },
  sha256: {
    type: z.string().regex(/^[0-9a-fA-F]{64}$/, { error: 'expected 64 hexadecimal digits' }),
    meaning: 'instead of `key`: its SHA-256 in hexadecimal digits',
  },
  admin: {
    as: 'isAdmin',
    type: z.boolean(),
    default: false,
    meaning: "`true` sees everybody's usage, metrics and calls, and may cancel them",
  },
  routes: {
    type: z.array(z.enum(ROUTES)),
    without: 'what keeps nothing at a provider',
    meaning: 'all that the key may use: first parts of the paths below `/v1/`',
  },
  kind: {
    type: z.enum(['call', 'management']),
    default: 'call',
    meaning: '`management` manages keys and organisations, and calls nothing',
  },
  org: { type: orgId, meaning: 'the organisation it belongs to: of `orgs`, or of the database' },
  orgs: {
    type: z.union([z.literal('*'), z.array(orgId).min(1)], { error: 'expected a list of ids, or "*"' }),
    meaning:
      'instead of `org`: the organisations that it serves, `"*"` for all. Each call then names one in `x-org-id`',
  },
  models,
  ...GOVERNED,
} as const satisfies Settings;

/** An organisation. */
export const ORG = {
  name: { type: keyName, without: 'the id', meaning: 'for people' },
  parent: { type: orgId, meaning: 'makes it a team of another organisation of the file, whose limits hold for it too' },
  disabled: { as: 'isDisabled', type: z.boolean(), default: false, meaning: '`true` refuses all calls of its keys' },
  models,
  ...GOVERNED,
} as const satisfies Settings;

/** An organisation as it stands in the file. */
export const orgSchema = schemaOf(ORG);

/** Organisations by their ids. */
export const orgsSchema = z.record(orgId, orgSchema);

/** How keys of the database are looked up. */
const KEY_CACHE = {
  cache: { as: 'cacheMs', type: duration, default: '30s', meaning: 'how long a key that was looked up is good' },
  stale: { as: 'staleMs', type: duration, default: '1h', meaning: 'how much longer where the database cannot be read' },
  max_cached: { as: 'maxCached', type: z.int().min(1), default: 50_000, meaning: 'how many are remembered' },
} as const satisfies Settings;

/** What holds for all keys and organisations. */
export const GOVERNANCE = {
  ...GOVERNANCE_RULES,
  keys: block('keys of the database, in memory: a change is known within a second', KEY_CACHE),
} as const satisfies Settings;

/** The keys of the database as they are looked up. */
export const KEY_LOOK_UPS = KEY_CACHE;

/** A key as it stands in the file. */
export const keySchema = schemaOf(KEY)
  .refine((entry) => (entry.key === undefined) !== (entry.sha256 === undefined), {
    error: 'expected either key or sha256',
  })
  .refine((entry) => entry.org === undefined || entry.orgs === undefined, {
    error: 'expected org or orgs: one of the two',
  });

/** Who may call. */
export const AUTH = {
  keys: {
    type: z.array(keySchema),
    settings: KEY,
    meaning: 'the keys of the clients. Without any, everybody is the same caller',
  },
} as const satisfies Settings;
