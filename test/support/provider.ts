import type { Config } from '../../src/config/config.ts';
import { createChatDialect } from '../../src/languages/chat/chat.ts';
import { bearer, type Provider, type ProviderKind } from '../../src/providers/provider.ts';

/** A provider that speaks chat, with what a test wants to be different. */
export function buildProvider(name: string, parts: Partial<Provider> = {}, kind: Partial<ProviderKind> = {}): Provider {
  const dialect = createChatDialect({}, () => 'call_1');
  return {
    name,
    kind: {
      baseUrl: null,
      needsKey: true,
      authHeaders: bearer,
      createDialect: () => () => dialect,
      openai: { path: '', authHeaders: bearer },
      models: {},
      ...kind,
    },
    baseUrl: 'http://127.0.0.1:9/v1',
    apiKeys: ['key'],
    headers: {},
    maxConnections: null,
    disabledBecause: null,
    keepsResponses: false,
    chooseDialect: () => dialect,
    ...parts,
  };
}

/** A provider for each one configured; off where its key is missing. */
export function buildProviders(config: Config): ReadonlyMap<string, Provider> {
  const made = [...config.providers.values()].map(({ name, apiKeys, missingKey }) =>
    buildProvider(name, {
      apiKeys,
      disabledBecause: missingKey && `provider '${name}' has no key: set the environment variable ${missingKey}`,
    }),
  );
  return new Map(made.map((provider) => [provider.name, provider]));
}
