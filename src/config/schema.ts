import { z } from 'zod';
import { ROUTES } from '../protocol/routes.ts';
import { groupSettings } from './group-schema.ts';
import { originText, parseOrigin } from './origin.ts';
import { duration, durationBelow, lateness, size, wait } from './units.ts';

/**
 * The configuration files, setting by setting. Every object is strict: an unknown key is an error.
 * Durations become milliseconds and sizes bytes; names stay as they are written in YAML.
 */

const count = z.int().min(0);
const rate = z.number().min(0);
const stringMap = z.record(z.string(), z.string());
/** An ISO date; YAML 1.2 leaves it a string. */
const date = z.iso.date({ error: 'expected a date such as 2026-11-24' });

/** A name, or a name with its port. */
const host = z
  .string()
  .regex(/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?(:\d{1,5})?$/i, {
    error: 'expected a host such as gateway.example or gateway.example:8080, without http:// and without a path',
  })
  .transform((text) => text.toLowerCase());
/** Written as browsers send it. */
const origin = z.string().transform((text, context) => {
  const found = parseOrigin(text);
  if (found !== null) return originText(found);
  const message = 'expected an origin such as https://app.example or http://localhost:3000, with nothing after it';
  context.issues.push({ code: 'custom', message, input: text });
  return z.NEVER;
});

/** Who can be asked: each is made in `providers/index.ts`. */
export const PROVIDER_KINDS = ['openai', 'openrouter', 'perplexity', 'gemini', 'openai-compatible', 'demo'] as const;
/** What a model can do; a request that needs more than its model has is adapted or refused. */
export const CAPABILITIES = [
  'tools',
  'vision',
  'audio',
  'pdf',
  'json_schema',
  'reasoning',
  'web_search',
  'prefill',
] as const;
const STATUSES = ['active', 'preview', 'deprecated', 'shutdown'] as const;
const MODEL_KINDS = ['chat', 'embedding'] as const;
/** pino's levels, from most to least talkative. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Deadlines of one attempt, and `total` for the whole call. */
const timeouts = z.strictObject({
  connect: wait.optional(),
  first_token: wait.optional(),
  idle: wait.optional(),
  response: wait.optional(),
  total: wait.optional(),
});
const retry = z.strictObject({
  max_retries: count.max(10).optional(),
  initial_delay: wait.optional(),
  multiplier: z.number().min(1).optional(),
  max_delay: wait.optional(),
  budget: z.number().min(0).max(10).optional(),
});
const fallback = z.strictObject({
  max_models: count.min(1).max(20).optional(),
  /** For every model that names none. */
  models: z.array(z.string()).optional(),
});
const breaker = z.strictObject({
  failures: count.min(1).optional(),
  window: duration.optional(),
  open_for: duration.optional(),
});
const hedge = z.strictObject({ after: lateness.optional() });
/** YAML 1.2 reads `on` as a word; people also write true. */
const rescue = z
  .union([z.boolean(), z.enum(['on', 'exact', 'off'])], { error: 'expected on, exact or off' })
  .transform((value) => (typeof value === 'boolean' ? (value ? 'on' : 'off') : value));

/** The blocks that can be set globally, per provider and per model. */
const policies = {
  timeouts: timeouts.optional(),
  retry: retry.optional(),
  fallback: fallback.optional(),
  breaker: breaker.optional(),
  rescue: rescue.optional(),
  hedge: hedge.optional(),
};

const provider = z.strictObject({
  kind: z.enum(PROVIDER_KINDS),
  base_url: z.url({ protocol: /^https?$/, error: 'expected a URL that begins with http:// or https://' }).optional(),
  api_key: z.string().optional(),
  api_keys: z.array(z.string()).min(1).optional(),
  headers: stringMap.optional(),
  max_connections: count.min(1).optional(),
  ...policies,
});

/**
 * USD per million tokens, from the day `from` (at 0:00 UTC) up to the day `until`, which is no longer included: the next
 * price's `from` is the same day. A tier applies to the whole request once its input is larger.
 */
const rates = {
  input: rate,
  cached_input: rate.nullish(),
  cache_write: rate.nullish(),
  output: rate,
  reasoning: rate.nullish(),
  audio_input: rate.nullish(),
};
const price = z.strictObject({
  ...rates,
  from: date.optional(),
  until: date.optional(),
  tiers: z.array(z.strictObject({ above_input_tokens: count, ...rates })).optional(),
});

const model = z.strictObject({
  provider: z.string().optional(),
  upstream: z.string().optional(),
  kind: z.enum(MODEL_KINDS).optional(),
  status: z.enum(STATUSES).optional(),
  released: date.optional(),
  shutdown: date.optional(),
  replacement: z.string().optional(),
  retired: z.enum(['refuse', 'redirect']).optional(),
  context_window: count.optional(),
  max_output_tokens: count.optional(),
  dimensions: count.optional(),
  capabilities: z.array(z.enum(CAPABILITIES)).optional(),
  reasoning_efforts: z.array(z.string()).optional(),
  /** Where the provider takes function tools for this model; OpenAI's newer models only on `responses`. */
  tools_endpoint: z.enum(['chat', 'responses']).optional(),
  prices: z.array(price).optional(),
  /** USD, by name; the name says per what: `web_search_per_1k_calls` and the like. */
  fees: z.record(z.string(), rate).optional(),
  fallbacks: z.array(z.string()).optional(),
  aliases: z.array(z.string()).optional(),
  ...groupSettings,
  notes: z.string().optional(),
  /** The day on which these facts were checked. */
  as_of: date.optional(),
  ...policies,
});

/** A target beyond the last bucket of its histogram would never be missed: the alert could not fire. */
const below = (ms: number, text: string) => durationBelow(ms, text, 'where the histogram of the metrics ends');
const share = z.number({ error: 'expected a share such as 0.01' }).gt(0).max(1);
const targets = z.strictObject({
  ttft_p95: below(30_000, '30s').optional(),
  latency_p50: below(300_000, '5m').optional(),
  latency_p95: below(300_000, '5m').optional(),
  error_rate: share.optional(),
  cancel_p95: below(1000, '1s').optional(),
});

/** It stands in every line of the log, and in tables: no control characters, no separators of lines, no change of direction. */
const keyName = z.string().regex(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]{1,128}$/u, {
  error: 'expected a name of 1 to 128 characters, without line breaks and control characters',
});
const key = z
  .strictObject({
    name: keyName,
    key: z.string().regex(/^\S+$/, { error: 'expected a key of at least one character and without spaces' }).optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, { error: 'expected 64 hexadecimal digits' })
      .optional(),
    admin: z.boolean().optional(),
    /** What it may ask: the first part of the path below `/v1/`. */
    routes: z.array(z.enum(ROUTES)).optional(),
  })
  .refine((entry) => (entry.key === undefined) !== (entry.sha256 === undefined), {
    error: 'expected either key or sha256',
  });

/** The registry file: `models:` and nothing else. */
export const registryFileSchema = z.strictObject({ models: z.record(z.string(), model) });

const usage = z.strictObject({
  store: z.enum(['sqlite', 'none']).optional(),
  path: z.string().min(1).optional(),
  keep: duration.optional(),
  max_size: size.optional(),
});
/** The main file to whoever needs only its usage log. */
export const usageFileSchema = z.looseObject({ usage: usage.optional() });
/** The main file to whoever needs only its targets. */
export const targetsFileSchema = z.looseObject({ targets: targets.optional() });

/** The main file. `models` may also stand here, beside or instead of `registry`. */
export const configFileSchema = z.strictObject({
  registry: z.string().optional(),
  server: z
    .strictObject({
      host: z.string().optional(),
      port: z.int().min(0).max(65535).optional(),
      body_limit: size.optional(),
      drain: wait.optional(),
      drain_delay: wait.optional(),
      keepalive: wait.optional(),
      hosts: z.array(host).optional(),
      origins: z.array(origin).optional(),
    })
    .optional(),
  auth: z.strictObject({ keys: z.array(key).optional() }).optional(),
  providers: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9_-]*$/i, { error: 'expected a name of letters, digits, - and _' }),
      provider,
    )
    .optional(),
  models: z.record(z.string(), model).optional(),
  ...policies,
  resume: z.strictObject({ grace: wait.optional(), keep: duration.optional(), max_bytes: size.optional() }).optional(),
  usage: usage.optional(),
  targets: targets.optional(),
  metrics: z.strictObject({ public: z.boolean().optional() }).optional(),
  log: z
    .strictObject({
      level: z.enum(LOG_LEVELS).optional(),
      content: z.boolean().optional(),
    })
    .optional(),
  passthrough: z
    .strictObject({ default: z.string().optional(), shared: z.boolean().optional(), body_limit: size.optional() })
    .optional(),
});

export type ConfigFile = z.infer<typeof configFileSchema>;
export type ProviderEntry = z.infer<typeof provider>;
export type ModelEntry = z.infer<typeof model>;
export type PriceEntry = z.infer<typeof price>;
export type KeyEntry = z.infer<typeof key>;
export type ProviderKindName = (typeof PROVIDER_KINDS)[number];
export type Capability = (typeof CAPABILITIES)[number];
export type LogLevel = (typeof LOG_LEVELS)[number];
