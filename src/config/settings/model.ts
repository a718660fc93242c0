import { z } from 'zod';
import { GROUP } from '../group-schema.ts';
import { POLICIES } from './policies.ts';
import { type Settings, schemaOf } from './setting.ts';

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

const count = z.int().min(0);
const rate = z.number().min(0);
/** An ISO date; YAML 1.2 leaves it a string. */
const date = z.iso.date({ error: 'expected a date such as 2026-11-24' });

/** USD per million tokens. */
const RATES = {
  input: { type: rate, isRequired: true, meaning: 'of the prompt' },
  cached_input: { type: rate.nullable(), without: '`input`', meaning: 'of what the provider read from its cache' },
  cache_write: { type: rate.nullable(), without: '`input`', meaning: 'of what it wrote to its cache' },
  output: { type: rate, isRequired: true, meaning: 'of the answer' },
  reasoning: { type: rate.nullable(), without: '`output`', meaning: 'of what it thought' },
  audio_input: { type: rate.nullable(), without: '`input`', meaning: 'of audio in the prompt' },
} as const satisfies Settings;

const TIER = {
  above_input_tokens: { type: count, isRequired: true, meaning: 'the input beyond which it applies' },
} as const satisfies Settings;

/** The next price's `from` is the same day as the `until` of the one before. */
const PRICE = {
  ...RATES,
  from: { type: date, meaning: 'the day from which on it holds, at 0:00 UTC' },
  until: { type: date, meaning: 'the day on which it holds no longer' },
  tiers: {
    type: z.array(schemaOf({ ...TIER, ...RATES })),
    settings: TIER,
    meaning: 'the same rates for whole requests whose input is larger',
  },
} as const satisfies Settings;
/** What a model costs for some time. */
export const priceSchema = schemaOf(PRICE);

/** What only a model has. */
export const MODEL = {
  provider: { type: z.string(), meaning: 'a name under `providers`' },
  upstream: { type: z.string(), meaning: "the provider's own id, where it differs" },
  kind: { type: z.enum(['chat', 'embedding']), meaning: '`chat` or `embedding`' },
  status: { type: z.enum(STATUSES), meaning: '`active`, `preview`, `deprecated` or `shutdown`' },
  released: { type: date, meaning: 'a day, as `2026-11-24`' },
  shutdown: { type: date, meaning: 'the day on which the provider ends it' },
  replacement: { type: z.string(), meaning: 'after the shutdown: the successor' },
  retired: {
    type: z.enum(['refuse', 'redirect']),
    default: 'refuse',
    meaning:
      'after the shutdown: whether the model is refused with the name of its successor (`refuse`) or served by it (`redirect`)',
  },
  context_window: { type: count, meaning: 'in tokens' },
  max_output_tokens: { type: count, meaning: 'in tokens' },
  dimensions: { type: count, meaning: 'of an embedding' },
  capabilities: {
    type: z.array(z.enum(CAPABILITIES)),
    meaning: `of ${CAPABILITIES.map((name) => `\`${name}\``).join(', ')}`,
  },
  reasoning_efforts: { type: z.array(z.string()), meaning: 'the efforts it takes' },
  // OpenAI's newer models take them only on `responses`.
  tools_endpoint: {
    type: z.enum(['chat', 'responses']),
    meaning: '`chat` or `responses`: where the provider takes function tools for it',
  },
  prices: { type: z.array(priceSchema), settings: PRICE, meaning: 'USD per million tokens' },
  // The name says per what: `web_search_per_1k_calls` and the like.
  fees: { type: z.record(z.string(), rate), meaning: 'USD, by name' },
  fallbacks: {
    type: z.array(z.string()),
    meaning:
      'who is asked when the model fails, in this order; not for who asks by the upstream id of an entry with another name',
  },
  aliases: { type: z.array(z.string()), meaning: 'further names' },
  ...GROUP,
  notes: { type: z.string(), meaning: 'for people' },
  as_of: { type: date, meaning: 'the day on which the facts were checked' },
} as const satisfies Settings;

/** What clients ask for: served by a provider, or one that stands for others. */
export const modelSchema = schemaOf({ ...MODEL, ...POLICIES });
