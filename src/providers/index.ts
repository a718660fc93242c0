import type { Config, ProviderConfig } from '../config/config.ts';
import type { ProviderKindName } from '../config/schema.ts';
import type { DialectDependencies } from '../languages/dialect.ts';
import { demo } from './demo/demo.ts';
import { gemini } from './gemini.ts';
import { openai } from './openai/openai.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openrouter } from './openrouter.ts';
import { perplexity } from './perplexity/perplexity.ts';
import type { EmbeddedServer, Provider, ProviderKind } from './provider.ts';

const KINDS: Readonly<Record<ProviderKindName, ProviderKind>> = {
  openai,
  openrouter,
  perplexity,
  gemini,
  'openai-compatible': openaiCompatible,
  demo,
};

/** Makes the providers of a configuration; keeps the servers that some kinds bring along from reload to reload. */
export interface ProviderFactory {
  create(config: Config): Promise<ReadonlyMap<string, Provider>>;
  close(): Promise<void>;
}

/** @param dependencies ids and signatures that all dialects share */
export function createProviderFactory(dependencies: DialectDependencies): ProviderFactory {
  const servers = new Map<ProviderKindName, Promise<EmbeddedServer>>();
  const baseUrlOf = async ({ entry, name }: ProviderConfig): Promise<string> => {
    const kind = KINDS[entry.kind];
    const configured = entry.base_url ?? kind.baseUrl;
    if (configured !== null) return entry.base_url ? withVersion(entry.base_url, kind) : configured;
    if (!kind.startServer) throw new Error(`Provider '${name}' of kind ${entry.kind} needs a base_url.`);
    const server = servers.get(entry.kind) ?? kind.startServer();
    servers.set(entry.kind, server);
    return (await server).baseUrl;
  };
  return {
    async create(config) {
      const configs = [...config.providers.values()];
      const providers = configs.map(
        async (one) => [one.name, toProvider(one, await baseUrlOf(one), dependencies)] as const,
      );
      return new Map(await Promise.all(providers));
    },
    async close() {
      for (const server of servers.values()) await (await server).close();
      servers.clear();
    },
  };
}

function toProvider(config: ProviderConfig, baseUrl: string, dependencies: DialectDependencies): Provider {
  const kind = KINDS[config.entry.kind];
  const keepsResponses = config.entry.responses === 'theirs';
  return {
    name: config.name,
    kind,
    baseUrl,
    apiKeys: config.apiKeys,
    headers: config.entry.headers ?? {},
    maxConnections: config.entry.max_connections ?? null,
    disabledBecause: disabledBecause(config, kind),
    keepsResponses,
    chooseDialect: kind.createDialect(dependencies, {
      name: config.name,
      hasResponses: hasResponses(config),
      keepsResponses,
    }),
  };
}

function hasResponses({ entry }: ProviderConfig): boolean | null {
  return entry.responses === undefined ? null : entry.responses !== 'chat';
}

function disabledBecause({ name, apiKeys, missingKey }: ProviderConfig, kind: ProviderKind): string | null {
  if (missingKey !== null) return `provider '${name}' has no key: set the environment variable ${missingKey}`;
  if (kind.needsKey && apiKeys.length === 0) return `provider '${name}' has no key: set its api_key`;
  return null;
}

/** A base URL that is only an origin gets the path of the kind's public one: `http://host:9000` → `…:9000/v1`. */
function withVersion(baseUrl: string, kind: ProviderKind): string {
  const url = new URL(baseUrl);
  const path = url.pathname === '/' && kind.baseUrl ? new URL(kind.baseUrl).pathname : url.pathname;
  return `${url.origin}${path}`.replace(/\/+$/, '');
}
