import type { Config } from '../config/config.ts';
import type { ModelEntry } from '../config/schema.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { Provider } from '../providers/provider.ts';
import { collectModels, type Model } from './model.ts';
import { createModelBuilder, type ListedModel } from './model-builder.ts';
import { createNameIndex } from './name-index.ts';
import type { Target } from './target.ts';

/** Every model that can be asked. Built once per configuration; asking only looks up. */
export interface Registry {
  /**
   * By id, alias, or `provider/upstream-id`, unlisted models included. Asked by the upstream id of a model that has
   * another name, it is that model without its fallbacks: those belong to the name.
   * @throws GatewayError 404 `model_not_found`, with the reason and the nearest names
   */
  find(name: string): Model;
  /** Finds a model that the configuration names: null where it cannot be asked now. */
  findUsable(name: string): Model | null;
  /** What can be asked now: no aliases, nothing shut down, nothing whose provider has no key. */
  list(): readonly Model[];
  /** Every model of the configuration and of its providers. */
  all(): readonly ListedModel[];
  /**
   * Who serves what passes through: the target of its model, and `passthrough.default` for a name that leads nowhere,
   * which goes there as it is, and for the empty one: a request that names no model.
   * @throws GatewayError 404 `model_not_found`, 404 `unknown_url` where no provider is configured for it
   */
  locate(name: string): Target;
}

/** @param config already cross-checked: names lead somewhere, and groups do not contain themselves */
export function createRegistry(config: Config, providers: ReadonlyMap<string, Provider>): Registry {
  const entries = collectModels(config, providers);
  const names = createNameIndex(entries, (name) => providers.has(name));
  const builder = createModelBuilder(config, providers, names);
  const listed = new Map([...entries].map(([id, entry]) => [id, builder.build(id, entry)]));
  const available = [...listed.values()].filter((model) => model.unavailableBecause === null);
  // Asked by its upstream id a model has no fallbacks: they belong to its name.
  const withoutFallbacks = new Map(
    [...names.ids].flatMap(([name, id]) => {
      const { fallbacks, ...entry } = entries.get(id) ?? {};
      return fallbacks && isUpstreamAlone(name, id, entry) ? [[name, builder.build(id, entry)] as const] : [];
    }),
  );

  function find(name: string): Model {
    const named = names.resolve(name);
    if (named === null) throw notFound(names.unknownText(name));
    const { id, entry } = named;
    if (entry.status === 'shutdown' && entry.retired === 'redirect') return find(entry.replacement ?? '');
    const model = withoutFallbacks.get(name) ?? listed.get(id) ?? builder.build(id, entry);
    if (model.unavailableBecause !== null) throw notFound(model.unavailableBecause);
    return model;
  }

  function findUsable(name: string): Model | null {
    const named = names.resolve(name);
    const model = named && (listed.get(named.id) ?? builder.build(named.id, named.entry));
    return model?.unavailableBecause === null ? model : null;
  }

  function unnamed(provider: Provider | undefined): Target {
    if (provider?.disabledBecause === null) return builder.passedTarget('', provider);
    const reason =
      provider?.disabledBecause ?? 'no provider is configured for it, the operator sets passthrough.default';
    throw new GatewayError('unknown_url', `This path cannot be served: ${reason}.`);
  }

  return {
    find,
    findUsable,
    list: () => available,
    all: () => [...listed.values()],
    locate(name) {
      const fallback = providers.get(config.passthrough.default ?? '');
      if (name === '') return unnamed(fallback);
      if (names.resolve(name) === null && fallback?.disabledBecause === null)
        return builder.passedTarget(name, fallback);
      const [target] = find(name).targets;
      if (!target) throw notFound(names.unknownText(name));
      return target;
    },
  };
}

/** Whether a name is the direct form of the upstream id, and nothing that the entry calls itself. */
function isUpstreamAlone(name: string, id: string, { provider, aliases = [] }: ModelEntry): boolean {
  return ![id, ...aliases].some((own) => name === own || name === `${provider}/${own}`);
}

function notFound(message: string): GatewayError {
  return new GatewayError('model_not_found', message, { param: 'model' });
}
