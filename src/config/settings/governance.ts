import { z } from 'zod';
import { block, type Settings } from './setting.ts';

/** What holds for rates where a key or an organisation says nothing else. */
const RATE_RULES = {
  burst: {
    type: z.number().gt(0).max(60),
    default: 1,
    meaning: "how many minutes' worth of `rpm` and `tpm` may come at once after a pause",
  },
  count_cached: {
    as: 'countsCached',
    type: z.boolean(),
    default: false,
    meaning: '`true` counts tokens for `tpm` that a provider had in its cache',
  },
} as const satisfies Settings;

/** What holds for budgets where a key or an organisation says nothing else. */
const BUDGET_RULES = {
  on_exhausted: {
    as: 'onExhausted',
    type: z.enum(['finish', 'cut']),
    default: 'finish',
    meaning: 'what becomes of a stream whose hard budget runs out. `finish`: it ends as it would; `cut`: by an error',
  },
  soft_at: {
    as: 'softAt',
    type: z.number().gt(0).max(1),
    default: 0.8,
    meaning: 'the share of a budget from which on the log tells that little is left',
  },
  allow_unpriced: {
    as: 'allowsUnpriced',
    type: z.boolean(),
    default: false,
    meaning: '`true` lets hard budgets pay nothing for models whose price is not known, which are refused otherwise',
  },
  clamp: {
    type: z.boolean(),
    default: true,
    meaning:
      '`true` makes an answer that is not streamed, and has no limit of its client, as short as a hard budget can pay. ' +
      '`false` refuses the call',
  },
} as const satisfies Settings;

/** The rules of limits and budgets. */
export const GOVERNANCE_RULES = {
  limits: block('what holds for all rate limits', RATE_RULES),
  budgets: block('what holds for all budgets', BUDGET_RULES),
} as const satisfies Settings;
