import { type Config, type ModelConfig, type PolicyBlocks, resolvePolicy } from '../config/config.ts';
import type { ModelEntry } from '../config/schema.ts';
import type { ModelFacts } from '../languages/dialect.ts';
import type { Provider } from '../providers/provider.ts';
import type { Choice } from './choice.ts';
import type { Target } from './target.ts';

/** What clients can ask for, with the ways to serve it. */
export interface Model {
  readonly id: string;
  /** The facts as configured; for an unlisted model only provider and upstream. */
  readonly entry: ModelEntry;
  /** All of them, in the order of the configuration. */
  readonly targets: readonly Target[];
  /** How they are chosen among for one call. */
  readonly choice: Choice;
  readonly fallbacks: readonly string[];
}

/** The models of the configuration, then the built-in ones of its providers that it does not define itself. */
export function collectModels(config: Config, providers: ReadonlyMap<string, Provider>): Map<string, ModelEntry> {
  const models = new Map(config.models.map(({ id, entry }: ModelConfig) => [id, entry]));
  const aliases = new Set(config.models.flatMap(({ entry }) => entry.aliases ?? []));
  for (const { name, kind } of providers.values()) {
    for (const [id, entry] of Object.entries(kind.models)) {
      if (!models.has(id) && !aliases.has(id)) models.set(id, { ...entry, provider: name });
    }
  }
  return models;
}

/** The provider's own id of a listed model. */
export function upstreamOf(id: string, entry: ModelEntry): string {
  return entry.upstream ?? id;
}

/** @param blocks the policies that apply to the target, the most specific first */
export function toTarget(id: string, entry: ModelEntry, provider: Provider, blocks: readonly PolicyBlocks[]): Target {
  const facts = toFacts(id, entry);
  return {
    id: `${provider.name}/${facts.upstream}`,
    provider,
    facts,
    policy: resolvePolicy(...blocks),
    prices: entry.prices ?? [],
    fees: entry.fees ?? {},
  };
}

function toFacts(id: string, entry: ModelEntry): ModelFacts {
  return {
    model: id,
    upstream: upstreamOf(id, entry),
    capabilities: entry.capabilities ?? null,
    contextWindow: entry.context_window ?? null,
    maxOutputTokens: entry.max_output_tokens ?? null,
    reasoningEfforts: entry.reasoning_efforts ?? null,
    toolsEndpoint: entry.tools_endpoint ?? null,
  };
}
