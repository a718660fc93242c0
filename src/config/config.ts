import type { RouteName } from '../protocol/routes.ts';
import type { ConfigFile, LogLevel, ModelEntry, ProviderEntry } from './schema.ts';

/** Deadlines in milliseconds. `first_token` also bounds the wait for the head; `response` a whole answer. */
export interface Timeouts {
  readonly connectMs: number;
  readonly firstTokenMs: number;
  readonly idleMs: number;
  readonly responseMs: number;
  readonly totalMs: number;
}

/** How often and how soon the same target is asked again. Delays in milliseconds. */
export interface RetryPolicy {
  readonly maxRetries: number;
  readonly initialDelayMs: number;
  readonly multiplier: number;
  readonly maxDelayMs: number;
  /** Retries per recent call. */
  readonly budget: number;
}

/** After how many failures within a window a target is left alone, and for how long. */
export interface BreakerPolicy {
  readonly failures: number;
  readonly windowMs: number;
  readonly openForMs: number;
}

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

/** The listening side, with every default filled in. */
export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  readonly bodyLimitBytes: number;
  readonly drainMs: number;
  /** How long new calls are still taken when `/ready` says already that the gateway stops. */
  readonly drainDelayMs: number;
  readonly keepaliveMs: number;
  /** Names under which a gateway without keys may be asked, besides those of its machine; lower case, `name:port` or `name`. */
  readonly hosts: readonly string[];
  /** Web pages that may use the gateway: lower case, without a default port. */
  readonly origins: readonly string[];
}

/** Resumable streams: how long one runs on without a reader, stays after its end, and how much of it is kept. */
export interface ResumeConfig {
  readonly graceMs: number;
  readonly keepMs: number;
  readonly maxBytes: number;
}

/** The log of what calls cost. */
export interface UsageConfig {
  readonly store: 'sqlite' | 'none';
  /** Relative to the working directory. */
  readonly path: string;
  readonly keepMs: number;
  readonly maxBytes: number;
}

/** How good answers should be: the performance report and the alert rules hold them against it. Times in milliseconds. */
export interface TargetsConfig {
  readonly ttftP95Ms: number;
  readonly latencyP50Ms: number;
  readonly latencyP95Ms: number;
  /** A share of the calls. */
  readonly errorRate: number;
  readonly cancelP95Ms: number;
}

/** What passes through untranslated. */
export interface PassthroughConfig {
  /** The provider of requests that name no known model. */
  readonly default: string | null;
  /** Every key may ask for what lives in the provider's account. */
  readonly isShared: boolean;
  /** Largest body; it is counted while it streams. */
  readonly bodyLimitBytes: number;
}

/** A client's key. Only the digest is kept: the key itself is nowhere in memory after loading. */
export interface KeyConfig {
  readonly name: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly isAdmin: boolean;
  /** What it may ask; null for what every key may. */
  readonly routes: readonly RouteName[] | null;
}

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

/** Everything that was read, validated and frozen, with defaults filled in. */
export interface Config {
  /** Files that were read: the main file first. */
  readonly files: readonly string[];
  readonly server: ServerConfig;
  readonly keys: readonly KeyConfig[];
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  readonly models: readonly ModelConfig[];
  /** Policy blocks of the main file, to be merged per target by `resolvePolicy`. */
  readonly policies: PolicyBlocks;
  readonly resume: ResumeConfig;
  readonly usage: UsageConfig;
  readonly log: { readonly level: LogLevel; readonly content: boolean };
  readonly metrics: { readonly isPublic: boolean };
  readonly targets: TargetsConfig;
  readonly passthrough: PassthroughConfig;
  /** Things that work but deserve a word at start-up: a provider without its key, a setting without effect. */
  readonly warnings: readonly string[];
}

export type PolicyBlocks = Pick<ModelEntry, 'timeouts' | 'retry' | 'fallback' | 'breaker' | 'rescue' | 'hedge'>;

/** Merges the blocks, the first given being the most specific. */
export function resolvePolicy(...blocks: readonly PolicyBlocks[]): Policy {
  const pick = <K extends keyof PolicyBlocks>(name: K): NonNullable<PolicyBlocks[K]> =>
    Object.assign({}, ...blocks.map((block) => block[name] ?? {}).reverse()) as NonNullable<PolicyBlocks[K]>;
  const timeouts = pick('timeouts');
  const retry = pick('retry');
  const breaker = pick('breaker');
  return {
    timeouts: {
      connectMs: timeouts.connect ?? 5000,
      firstTokenMs: timeouts.first_token ?? 10_000,
      idleMs: timeouts.idle ?? 20_000,
      responseMs: timeouts.response ?? 30_000,
      totalMs: timeouts.total ?? 600_000,
    },
    retry: {
      maxRetries: retry.max_retries ?? 2,
      initialDelayMs: retry.initial_delay ?? 1000,
      multiplier: retry.multiplier ?? 2,
      maxDelayMs: retry.max_delay ?? 8000,
      budget: retry.budget ?? 0.2,
    },
    breaker: {
      failures: breaker.failures ?? 5,
      windowMs: breaker.window ?? 30_000,
      openForMs: breaker.open_for ?? 15_000,
    },
    maxModels: pick('fallback').max_models ?? 3,
    rescue: blocks.find((block) => block.rescue !== undefined)?.rescue ?? 'on',
    hedgeAfter: toHedge(pick('hedge').after),
  };
}

/** Who steps in for a model that names nobody: the nearest list. */
export function defaultFallbacks(...blocks: readonly PolicyBlocks[]): readonly string[] {
  return blocks.find(({ fallback }) => fallback?.models !== undefined)?.fallback?.models ?? [];
}

/** The targets with every default filled in. */
export function resolveTargets(block: ConfigFile['targets'] = {}): TargetsConfig {
  return {
    ttftP95Ms: block.ttft_p95 ?? 1500,
    latencyP50Ms: block.latency_p50 ?? 3500,
    latencyP95Ms: block.latency_p95 ?? 6000,
    errorRate: block.error_rate ?? 0.01,
    cancelP95Ms: block.cancel_p95 ?? 300,
  };
}

function toHedge(after: number | 'p95' | 'off' = 'off'): Policy['hedgeAfter'] {
  return after === 'off' ? null : after;
}
