import { z } from 'zod';
import { parseDatabaseUrl } from '../database-url.ts';
import { duration, size, wait } from '../units.ts';
import type { Settings } from './setting.ts';

/** What is kept of calls. */

/** Resumable streams. */
export const RESUME = {
  grace: { as: 'graceMs', type: wait, default: '30s', meaning: 'how long a stream runs on when nobody reads it' },
  keep: { as: 'keepMs', type: duration, default: '60s', meaning: 'how long it can be read after its end' },
  max_bytes: { as: 'maxBytes', type: size, default: '4mb', meaning: 'how much of it is kept' },
} as const satisfies Settings;

const databaseUrl = z
  .string()
  .refine(
    (text) => parseDatabaseUrl(text) !== null,
    'expected sqlite:<path>, a path or postgres://user:password@host/name',
  );

/** Where everything is kept that outlives the gateway. */
export const DATABASE = {
  url: {
    type: databaseUrl,
    without: '`sqlite:data/sluice.db`, or an existing `data/usage.db` where that is all there is',
    meaning:
      '`sqlite:` and a path relative to the working directory, or `postgres://user:password@host:5432/name`. ' +
      'A file is for its owner alone (0600), and so is a directory that has to be made (0700)',
  },
} as const satisfies Settings;

/** The log of what calls cost. */
export const USAGE = {
  store: {
    type: z.enum(['sqlite', 'none']),
    default: 'sqlite',
    meaning: '`none` keeps no log. With `sqlite` it is in the database, whichever that is',
  },
  path: {
    type: z.string().min(1),
    without: 'see `database.url`',
    meaning: 'a file of SQLite, as `database.url` names it: that one wins',
  },
  keep: { as: 'keepMs', type: duration, default: '90d', meaning: 'older records are removed' },
  max_size: {
    as: 'maxBytes',
    type: size,
    default: '1gb',
    meaning:
      'beyond it, the oldest records are removed; what else is in the database does not count. A record takes about 225 bytes',
  },
} as const satisfies Settings;
