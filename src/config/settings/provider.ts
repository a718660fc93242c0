import { z } from 'zod';
import { POLICIES } from './policies.ts';
import { type Settings, schemaOf } from './setting.ts';

/** Who can be asked: each is made in `providers/index.ts`. */
export const PROVIDER_KINDS = ['openai', 'openrouter', 'perplexity', 'gemini', 'openai-compatible', 'demo'] as const;

/** What a provider may be called. */
export const providerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*$/i, { error: 'expected a name of letters, digits, - and _' });

/** What only a provider has. */
export const PROVIDER = {
  kind: {
    type: z.enum(PROVIDER_KINDS),
    isRequired: true,
    meaning: PROVIDER_KINDS.map((kind) => `\`${kind}\``).join(', '),
  },
  base_url: {
    type: z.url({ protocol: /^https?$/, error: 'expected a URL that begins with http:// or https://' }),
    without: "the kind's own",
    meaning:
      'up to and including the version, as in `http://host/v1`; required for `openai-compatible`. ' +
      'One that ends in `/chat/completions` and the like is a mistake, one without a path a warning',
  },
  api_key: { type: z.string(), meaning: 'its key; one that is not set in the environment switches the provider off' },
  api_keys: {
    type: z.array(z.string()).min(1),
    meaning: 'instead of one, all of one account: used in turn, and one that fails rests',
  },
  headers: { type: z.record(z.string(), z.string()), meaning: 'further headers of every request to it' },
  responses: {
    type: z.enum(['chat', 'native', 'theirs']),
    without: '`native` at OpenAI, else `chat`',
    meaning:
      'how requests to `/v1/responses` are put to it: `native` as their client wrote them, to its own `/responses` ' +
      '(`openai` and `openai-compatible` alone), `chat` in the words of the gateway; ' +
      '`theirs` as `native`, and [what is kept stays with the provider](responses.md#kept-by-the-provider)',
  },
  max_connections: { type: z.int().min(1), without: 'no limit', meaning: 'connections to it' },
} as const satisfies Settings;

/** One who is asked for answers. */
export const providerSchema = schemaOf({ ...PROVIDER, ...POLICIES });
