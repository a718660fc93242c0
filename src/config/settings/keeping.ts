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
      'beyond it, the oldest records are removed; what else is in the database does not count. A record takes about 280 bytes',
  },
} as const satisfies Settings;

const isOn = z
  .union([z.boolean(), z.enum(['on', 'off'])], { error: 'expected on or off' })
  .transform((value) => value === true || value === 'on');

const count = z.int().min(1);

/** Stored answers of the Responses API. */
export const RESPONSES = {
  store: {
    as: 'isStored',
    type: isOn,
    default: true,
    meaning: 'whether answers are kept. `off` refuses what needs them: chains, conversations, `background`',
  },
  keep: { as: 'keepMs', type: duration, default: '30d', meaning: 'how long an answer is kept after its last turn' },
  background_keep: {
    as: 'backgroundKeepMs',
    type: duration,
    default: '10m',
    meaning: 'how long one of the background is kept that was made with `store: false`',
  },
  commit: {
    as: 'commitMs',
    type: wait,
    default: '2s',
    meaning:
      'how long the end of an answer waits until it is kept (in the background ten seconds); then it says `store: false`',
  },
  max_item: { as: 'maxItemBytes', type: size, default: '20mb', meaning: 'how large one item may be' },
  max_thread: {
    as: 'maxThreadBytes',
    type: size,
    default: '64mb',
    meaning: 'how large a chain or a conversation may be',
  },
  max_items: { as: 'maxItems', type: count, default: 10_000, meaning: 'how many items it may have' },
  max_background: {
    as: 'maxBackground',
    type: count,
    default: 100,
    meaning: 'how many answers of one key may run in the background',
  },
  save_partial: {
    as: 'savesPartial',
    type: z.boolean(),
    default: false,
    meaning: 'whether an answer of a conversation that failed or was cancelled joins it with what it had said',
  },
} as const satisfies Settings;

/** A duration in milliseconds; null for `never`. */
const durationOrNever = z.union([z.literal('never').transform(() => null), duration], {
  error: 'expected never or a duration such as 90d',
});

/** Conversations. */
export const CONVERSATIONS = {
  keep: {
    as: 'keepMs',
    type: durationOrNever,
    default: 'never',
    meaning: 'when a conversation is erased after its last turn: a duration, or `never`',
  },
} as const satisfies Settings;
