import { z } from 'zod';
import { AUTH, GOVERNANCE, type keySchema, ORG, type orgSchema, orgsSchema } from './settings/access.ts';
import { CONSOLE } from './settings/console.ts';
import { CONVERSATIONS, DATABASE, RESPONSES, RESUME, USAGE } from './settings/keeping.ts';
import { type CAPABILITIES, modelSchema, type priceSchema } from './settings/model.ts';
import { LOG, type LOG_LEVELS, METRICS, TARGETS } from './settings/observation.ts';
import { PASSTHROUGH } from './settings/passthrough.ts';
import { POLICIES } from './settings/policies.ts';
import { PROVIDER, type PROVIDER_KINDS, providerName, providerSchema } from './settings/provider.ts';
import { SERVER } from './settings/server.ts';
import { block, type Settings, schemaOf } from './settings/setting.ts';

/** The blocks that are filled in with their defaults: each stands in the `Config` under its name in the file. */
export const BLOCKS = {
  server: block('where and how the gateway listens', SERVER),
  resume: block('streams that were asked for with `x-sluice-resumable: true`', RESUME),
  responses: block('stored answers of `POST /v1/responses`', RESPONSES),
  conversations: block('conversations: `POST /v1/conversations`', CONVERSATIONS),
  usage: block('what each call used and cost: `GET /v1/usage` and `sluice usage` sum it up', USAGE),
  targets: block('what `/metrics/performance` and the rules of `sluice alerts` hold the calls against', TARGETS),
  metrics: block('who sees the metrics', METRICS),
  log: block('the log', LOG),
  passthrough: block('files, images, audio and other paths that are not translated', PASSTHROUGH),
  console: block('the console in the browser', CONSOLE),
} as const;

const { server, ...others } = BLOCKS;
/** The main file. `models` may also stand here, beside or instead of `registry`. */
export const FILE = {
  registry: { type: z.string(), shipped: 'models.yaml', meaning: 'file with `models:`, relative to the main file' },
  server,
  auth: block('who may call', AUTH),
  orgs: { type: orgsSchema, settings: ORG, meaning: 'organisations and teams, by id. Others are made at run time' },
  governance: block('keys, organisations, limits and budgets', GOVERNANCE),
  providers: {
    type: z.record(providerName, providerSchema),
    settings: PROVIDER,
    meaning: 'who is asked for answers, by name',
  },
  models: {
    type: z.record(z.string(), modelSchema),
    meaning: 'models may also stand in the main file, by id: [below](#a-model) is what each may have',
  },
  ...POLICIES,
  database: block(
    'where usage, answers and conversations are kept: one file of SQLite, or a database of Postgres',
    DATABASE,
  ),
  ...others,
} as const satisfies Settings;

/** The main file, setting by setting: names stay as they are written in YAML. */
export const configFileSchema = schemaOf(FILE);

/** The registry file: `models:` and nothing else. */
export const registryFileSchema = schemaOf({
  models: { type: FILE.models.type, isRequired: true, meaning: 'the models, by id' },
} as const satisfies Settings);

export type ConfigFile = z.infer<typeof configFileSchema>;
export type ProviderEntry = z.infer<typeof providerSchema>;
export type ModelEntry = z.infer<typeof modelSchema>;
export type PriceEntry = z.infer<typeof priceSchema>;
export type KeyEntry = z.infer<typeof keySchema>;
export type OrgEntry = z.infer<typeof orgSchema>;
/** Entries before their defaults and units. */
export type ProviderInput = z.input<typeof providerSchema>;
export type ModelInput = z.input<typeof modelSchema>;
export type KeyInput = z.input<typeof keySchema>;
export type OrgInput = z.input<typeof orgSchema>;
export type ProviderKindName = (typeof PROVIDER_KINDS)[number];
export type Capability = (typeof CAPABILITIES)[number];
export type LogLevel = (typeof LOG_LEVELS)[number];
