import { z } from 'zod';
import { duration, size, wait } from '../units.ts';
import type { Settings } from './setting.ts';

/** What is kept of calls. */

/** Resumable streams. */
export const RESUME = {
  grace: { as: 'graceMs', type: wait, default: '30s', meaning: 'how long a stream runs on when nobody reads it' },
  keep: { as: 'keepMs', type: duration, default: '60s', meaning: 'how long it can be read after its end' },
  max_bytes: { as: 'maxBytes', type: size, default: '4mb', meaning: 'how much of it is kept' },
} as const satisfies Settings;

/** The log of what calls cost. */
export const USAGE = {
  store: { type: z.enum(['sqlite', 'none']), default: 'sqlite', meaning: 'where it is kept: `sqlite` or `none`' },
  path: {
    type: z.string().min(1),
    default: 'data/usage.db',
    meaning:
      'the file, relative to the working directory. ' +
      'It is for its owner alone (0600), and so is a directory that has to be made (0700)',
  },
  keep: { as: 'keepMs', type: duration, default: '90d', meaning: 'older records are removed' },
  max_size: {
    as: 'maxBytes',
    type: size,
    default: '1gb',
    meaning: 'beyond it, the oldest records are removed. A record takes about 225 bytes',
  },
} as const satisfies Settings;
