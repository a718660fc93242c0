import { z } from 'zod';
import { block, type Settings, schemaOf } from './setting.ts';

const count = z.int().min(0);
/** Beyond nine million USD nano-dollars are no exact integers. */
const usd = z.number().min(0).max(9_000_000);
const share = z.number().gt(0).max(1);

const RATES = {
  rpm: { type: count, meaning: 'requests a minute' },
  tpm: { type: count, meaning: 'tokens a minute' },
  concurrency: { type: count, meaning: 'calls in flight' },
  burst: { type: z.number().gt(0).max(60), meaning: "how many minutes' worth may come at once" },
} as const satisfies Settings;

/** Limits of a key or an organisation. */
export const LIMITS = {
  ...RATES,
  models: {
    type: z.record(z.string(), schemaOf(RATES)),
    meaning: 'limits for one model, by its id: `{ gpt-6-sol: { rpm: 10 } }`',
  },
} as const satisfies Settings;

/** What a key or an organisation may spend, in USD by windows of UTC. */
export const BUDGET = {
  day: { type: usd, meaning: 'USD a day' },
  week: { type: usd, meaning: 'USD a week, from Monday on' },
  month: { type: usd, meaning: 'USD a month' },
  total: { type: usd, meaning: 'USD in all' },
  on: {
    type: z.enum(['hard', 'soft']),
    default: 'hard',
    meaning: '`hard` refuses calls beyond it, `soft` tells of them',
  },
  soft_at: { as: 'softAt', type: share, meaning: 'the share from which on it is told' },
  on_exhausted: {
    as: 'onExhausted',
    type: z.enum(['finish', 'cut']),
    meaning: 'what becomes of a stream whose budget runs out',
  },
} as const satisfies Settings;

/** Both, as they stand in a key and in an organisation. */
export const GOVERNED = {
  limits: block('requests and tokens a minute, calls in flight', LIMITS),
  budget: block('what may be spent, in USD and by days, weeks and months of UTC', BUDGET),
} as const satisfies Settings;
