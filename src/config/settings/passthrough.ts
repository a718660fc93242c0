import { z } from 'zod';
import { size } from '../units.ts';
import type { Settings } from './setting.ts';

/** What passes through untranslated: files, images, audio and other paths. */
export const PASSTHROUGH = {
  default: {
    type: z.string(),
    shipped: 'openai',
    meaning: 'the provider of passed-through requests that name no known model',
  },
  shared: {
    as: 'isShared',
    type: z.boolean(),
    default: false,
    meaning: "every key without `routes` may use what lives in the provider's account: files, batches, vector stores",
  },
  reserve: {
    as: 'reserveUsd',
    type: z.number().min(0).max(1000),
    default: 0.01,
    meaning:
      'USD that a request counts for in the limits and budgets of its key as long as nothing tells what it costs, and ' +
      'afterwards where its answer does not',
  },
  body_limit: {
    as: 'bodyLimitBytes',
    type: size,
    default: '512mb',
    meaning:
      'largest body that passes through, counted while it streams. ' +
      'JSON, which is read for its `model`, stays within `server.body_limit`',
  },
} as const satisfies Settings;
