import { z } from 'zod';
import { ROUTES } from '../../protocol/routes.ts';
import { GOVERNANCE_RULES } from './governance.ts';
import { GOVERNED } from './limits.ts';
import { type Settings, schemaOf } from './setting.ts';

/** It stands in every line of the log, and in tables: no control characters, no separators of lines, no change of direction. */
const keyName = z.string().regex(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]{1,128}$/u, {
  error: 'expected a name of 1 to 128 characters, without line breaks and control characters',
});

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
  ...GOVERNED,
} as const satisfies Settings;

/** What holds for all keys and organisations. */
export const GOVERNANCE = { ...GOVERNANCE_RULES } as const satisfies Settings;

/** A key as it stands in the file. */
export const keySchema = schemaOf(KEY).refine((entry) => (entry.key === undefined) !== (entry.sha256 === undefined), {
  error: 'expected either key or sha256',
});

/** Who may call. */
export const AUTH = {
  keys: {
    type: z.array(keySchema),
    settings: KEY,
    meaning: 'the keys of the clients. Without any, everybody is the same caller',
  },
} as const satisfies Settings;
