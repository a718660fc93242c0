import { z } from 'zod';
import { durationBelow } from '../units.ts';
import type { Settings } from './setting.ts';

/** What operators see. */

/** pino's levels, from most to least talkative. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** A target beyond the last bucket of its histogram would never be missed: the alert could not fire. */
const below = (ms: number, text: string) => durationBelow(ms, text, 'where the histogram of the metrics ends');
const share = z.number({ error: 'expected a share such as 0.01' }).gt(0).max(1);

/** How good answers should be: the performance report and the alert rules hold them against it. */
export const TARGETS = {
  ttft_p95: {
    as: 'ttftP95Ms',
    type: below(30_000, '30s'),
    default: '1.5s',
    meaning: 'time to the first token of a stream, of 95 % of the calls',
  },
  latency_p50: {
    as: 'latencyP50Ms',
    type: below(300_000, '5m'),
    default: '3.5s',
    meaning: 'time to the end of an answer, of half of the calls',
  },
  latency_p95: {
    as: 'latencyP95Ms',
    type: below(300_000, '5m'),
    default: '6s',
    meaning: 'time to the end of an answer, of 95 % of the calls',
  },
  error_rate: { as: 'errorRate', type: share, default: 0.01, meaning: 'the share of the calls that may fail' },
  cancel_p95: {
    as: 'cancelP95Ms',
    type: below(1000, '1s'),
    default: '300ms',
    meaning: 'time from a cancel until the provider is let go, of 95 % of the cancels',
  },
} as const satisfies Settings;

/** Who sees the metrics. */
export const METRICS = {
  public: {
    as: 'isPublic',
    type: z.boolean(),
    default: false,
    meaning: "`/metrics` and everybody's `/metrics/performance` want no key; else, with keys, they are for admins",
  },
} as const satisfies Settings;

/** The log of the process. */
export const LOG = {
  level: { type: z.enum(LOG_LEVELS), default: 'info', meaning: '`trace` to `silent`' },
  content: { type: z.boolean(), default: false, meaning: 'whether the messages of requests are logged too' },
} as const satisfies Settings;
