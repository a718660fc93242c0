import { z } from 'zod';
import { duration, lateness, wait } from '../units.ts';
import { block, type Settings } from './setting.ts';

/** How a target is treated: blocks that can be set globally, per provider and per model. */

const count = z.int().min(0);

/** Deadlines of one attempt, and `total` for the whole call. */
export const TIMEOUTS = {
  connect: { as: 'connectMs', type: wait, default: '5s', meaning: 'to connect, TLS included' },
  first_token: {
    as: 'firstTokenMs',
    type: wait,
    default: '10s',
    meaning: 'until a stream says something, the wait for its head included',
  },
  idle: { as: 'idleMs', type: wait, default: '20s', meaning: 'silence within a stream' },
  response: { as: 'responseMs', type: wait, default: '30s', meaning: 'a whole answer that is not streamed' },
  total: { as: 'totalMs', type: wait, default: '10m', meaning: 'the call, with all retries and fallbacks' },
} as const satisfies Settings;

/** How often and how soon the same target is asked again. */
export const RETRY = {
  max_retries: {
    as: 'maxRetries',
    type: count.max(10),
    default: 2,
    meaning: 'how often the same target is asked again: after 429, 5xx and lost connections',
  },
  initial_delay: {
    as: 'initialDelayMs',
    type: wait,
    default: '1s',
    meaning: 'the longest wait before the first retry; how much of it is drawn at random',
  },
  multiplier: { type: z.number().min(1), default: 2, meaning: 'by which that wait grows with each retry' },
  max_delay: { as: 'maxDelayMs', type: wait, default: '8s', meaning: 'what it grows to at most' },
  budget: {
    type: z.number().min(0).max(10),
    default: 0.2,
    meaning: 'retries per recent call, so that an outage does not become a storm',
  },
} as const satisfies Settings;

/** Who steps in. */
export const FALLBACK = {
  max_models: {
    as: 'maxModels',
    type: count.min(1).max(20),
    default: 3,
    meaning: 'targets per call at most: the model, then its fallbacks',
  },
  models: { type: z.array(z.string()), default: [], meaning: 'who steps in for every model without `fallbacks`' },
} as const satisfies Settings;

/** After how many failures within a window a target is left alone, and for how long. */
export const BREAKER = {
  failures: { type: count.min(1), default: 5, meaning: 'after so many failures a target is left alone' },
  window: { as: 'windowMs', type: duration, default: '30s', meaning: 'within which they count' },
  open_for: { as: 'openForMs', type: duration, default: '15s', meaning: 'for how long it is left alone' },
} as const satisfies Settings;

/** When a second target is asked beside one that is late. */
export const HEDGE = {
  after: {
    type: lateness,
    default: 'off',
    meaning:
      'a stream that is so late gets a second target beside it, and the first to speak answers: a duration, or `p95`',
  },
} as const satisfies Settings;

/** YAML 1.2 reads `on` as a word; people also write true. */
const rescue = z
  .union([z.boolean(), z.enum(['on', 'exact', 'off'])], { error: 'expected on, exact or off' })
  .transform((value) => (typeof value === 'boolean' ? (value ? 'on' : 'off') : value));

/** Each may also stand in a provider and in a model. */
export const POLICIES = {
  timeouts: block('deadlines', TIMEOUTS),
  retry: block('the same target again, with full jitter', RETRY),
  fallback: block('other targets', FALLBACK),
  breaker: block('what fails often is left alone for a while', BREAKER),
  rescue: {
    type: rescue,
    default: 'on',
    meaning:
      'whether another model takes up an answer that broke off in the middle: `on`, `exact` or `off`. ' +
      '`exact` tells none to continue',
  },
  hedge: block('a second target beside a late one', HEDGE),
} as const satisfies Settings;
