import { z } from 'zod';
import type { Settings } from './setting.ts';

/** The console in the browser. */
export const CONSOLE = {
  enabled: {
    as: 'isEnabled',
    type: z.boolean(),
    default: true,
    meaning: 'whether browsers may sign in; else `/console` is 404, and no session counts',
  },
  admin_only: {
    as: 'isAdminOnly',
    type: z.boolean(),
    default: false,
    meaning: 'whether only keys with `admin: true` may sign in',
  },
} as const satisfies Settings;
