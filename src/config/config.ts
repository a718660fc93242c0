import type { Problem } from './config-error.ts';
import type { DatabaseConfig } from './database-url.ts';
import { GROUP, type Strategy } from './group-schema.ts';
import { BLOCKS, type ConfigFile, type ModelEntry, type ProviderEntry } from './schema.ts';
import type { KEY, KEY_LOOK_UPS, ORG } from './settings/access.ts';
import { GOVERNANCE_RULES } from './settings/governance.ts';
import type { USAGE } from './settings/keeping.ts';
import type { BUDGET, LIMITS } from './settings/limits.ts';
import { TARGETS } from './settings/observation.ts';
import { BREAKER, FALLBACK, HEDGE, POLICIES, RETRY, TIMEOUTS } from './settings/policies.ts';
import { type Block, type Resolved, resolve } from './settings/setting.ts';

/** Deadlines; `firstTokenMs` also bounds the wait for the head, `responseMs` a whole answer. */
export type Timeouts = Resolved<typeof TIMEOUTS>;
/** How often and how soon the same target is asked again. */
export type RetryPolicy = Resolved<typeof RETRY>;
/** After how many failures within a window a target is left alone, and for how long. */
export type BreakerPolicy = Resolved<typeof BREAKER>;

/** How a target is treated: the most specific setting wins, field by field (model, provider, global, default). */
export interface Policy {
  readonly timeouts: Timeouts;
  readonly retry: RetryPolicy;
  readonly breaker: BreakerPolicy;
  readonly maxModels: number;
  /** Whether, and by which means, another target takes up an answer that broke off; `exact`: none is told to go on. */
  readonly rescue: 'on' | 'exact' | 'off';
  /** When a second target is asked beside one that is late, in milliseconds; null: never. */
  readonly hedgeAfter: number | 'p95' | null;
}

/** The log of what calls cost. */
export type UsageConfig = Resolved<typeof USAGE>;
/** How good answers should be: the performance report and the alert rules hold them against it. */
export type TargetsConfig = Resolved<typeof TARGETS>;

/** A client's key. Only the digest is kept: the key itself is nowhere in memory after loading. */
export interface KeyConfig
  extends Pick<Resolved<typeof KEY>, 'name' | 'isAdmin' | 'routes' | 'kind' | 'org' | 'orgs' | 'models'>,
    GovernedConfig {
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** An organisation of the file. */
export interface OrgConfig extends Pick<Resolved<typeof ORG>, 'parent' | 'isDisabled' | 'models'>, GovernedConfig {
  readonly id: string;
  readonly name: string;
}

/** What limits a key or an organisation; null where nothing is said. */
export interface GovernedConfig {
  readonly limits: Resolved<typeof LIMITS> | null;
  readonly budget: Resolved<typeof BUDGET> | null;
}

/** The rules of limits and budgets. */
export type GovernanceConfig = {
  readonly [Name in keyof typeof GOVERNANCE_RULES]: Resolved<(typeof GOVERNANCE_RULES)[Name]['settings']>;
};

/** How long keys of the database are good that were looked up, in milliseconds, and how many are remembered. */
export type KeyLookUpConfig = Resolved<typeof KEY_LOOK_UPS>;

/** A provider as configured; `apiKeys` is empty where none is set, and `missingKey` then names the variable. */
export interface ProviderConfig {
  readonly name: string;
  readonly entry: ProviderEntry;
  readonly apiKeys: readonly string[];
  /** Name of the environment variable that `api_key` wants and that is not set; null when all is well. */
  readonly missingKey: string | null;
}

/** A model as configured, with where it stands for later complaints (`models.yaml:12:3`). */
export interface ModelConfig {
  readonly id: string;
  readonly entry: ModelEntry;
  readonly where: string;
}

/** The blocks of the main file, with defaults filled in. */
export type ConfigBlocks = {
  readonly [Name in keyof typeof BLOCKS]: Resolved<(typeof BLOCKS)[Name]['settings']>;
};

/** Everything that was read, validated and frozen. */
export interface Config extends ConfigBlocks {
  /** Files that were read: the main file first. */
  readonly files: readonly string[];
  /** SHA-256 of each of their texts. Not for other eyes: who knows all but a short secret can find that by trying. */
  readonly digests: readonly string[];
  readonly keys: readonly KeyConfig[];
  readonly governance: GovernanceConfig;
  readonly orgs: ReadonlyMap<string, OrgConfig>;
  readonly keyLookUps: KeyLookUpConfig;
  /** What speaks against the host where the database holds no keys either. */
  readonly hostProblem: Problem | null;
  readonly database: DatabaseConfig;
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  readonly models: readonly ModelConfig[];
  /** Policy blocks of the main file, to be merged per target by `resolvePolicy`. */
  readonly policies: PolicyBlocks;
  /** Things that work but deserve a word at start-up: a provider without its key, a setting without effect. */
  readonly warnings: readonly string[];
}

export type PolicyBlocks = Pick<ModelEntry, 'timeouts' | 'retry' | 'fallback' | 'breaker' | 'rescue' | 'hedge'>;

/** How a group chooses where its settings do not say. */
export const DEFAULT_STRATEGY: Strategy = GROUP.strategy.default;

/** Merges the blocks, the first given being the most specific. */
export function resolvePolicy(...blocks: readonly PolicyBlocks[]): Policy {
  const pick = <K extends keyof PolicyBlocks>(name: K): NonNullable<PolicyBlocks[K]> =>
    Object.assign({}, ...blocks.map((block) => block[name] ?? {}).reverse()) as NonNullable<PolicyBlocks[K]>;
  return {
    timeouts: resolve(TIMEOUTS, pick('timeouts')),
    retry: resolve(RETRY, pick('retry')),
    breaker: resolve(BREAKER, pick('breaker')),
    maxModels: resolve(FALLBACK, pick('fallback')).maxModels,
    rescue: blocks.find((block) => block.rescue !== undefined)?.rescue ?? POLICIES.rescue.default,
    hedgeAfter: toHedge(resolve(HEDGE, pick('hedge')).after),
  };
}

/** The fallbacks of a model without a list of its own: the nearest default list. */
export function defaultFallbacks(...blocks: readonly PolicyBlocks[]): readonly string[] {
  return blocks.find(({ fallback }) => fallback?.models !== undefined)?.fallback?.models ?? [];
}

/** The blocks of a main file, or of an empty one. */
export function resolveBlocks(file: Pick<ConfigFile, keyof typeof BLOCKS>): ConfigBlocks {
  const blocks = Object.entries<Block>(BLOCKS).map(([name, { settings }]) => [
    name,
    resolve(settings, file[name as keyof typeof BLOCKS]),
  ]);
  return Object.fromEntries(blocks) as ConfigBlocks;
}

/** The rules of limits and budgets with every default filled in. */
export function resolveGovernance(block: ConfigFile['governance'] = {}): GovernanceConfig {
  const { limits, budgets } = GOVERNANCE_RULES;
  return { limits: resolve(limits.settings, block.limits), budgets: resolve(budgets.settings, block.budgets) };
}

/** The targets with every default filled in. */
export function resolveTargets(block: ConfigFile['targets'] = {}): TargetsConfig {
  return resolve(TARGETS, block);
}

function toHedge(after: number | 'p95' | 'off'): Policy['hedgeAfter'] {
  return after === 'off' ? null : after;
}
