import type { Config, PolicyBlocks } from '../config/config.ts';
import { nearestNames } from '../config/nearest.ts';
import type { ModelEntry } from '../config/schema.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { Provider } from '../providers/provider.ts';
import { collectModels, type Model, toTarget, upstreamOf } from './model.ts';
import type { Target } from './target.ts';

/** A listed model as an operator sees it: also those that cannot be asked, with the reason. */
export interface ListedModel extends Model {
  readonly unavailableBecause: string | null;
}

/** Where a name leads, for requests that pass through untranslated. */
interface Location {
  readonly provider: Provider;
  readonly upstream: string;
}

/** Every model that can be asked. Built once per configuration; asking only looks up. */
export interface Registry {
  /**
   * By id, alias, or `provider/upstream-id`, unlisted models included.
   * @throws GatewayError 404 `model_not_found`, with the reason and the nearest names
   */
  find(name: string): Model;
  /** The same, for names of the configuration: null where the model cannot be asked now. */
  findUsable(name: string): Model | null;
  /** What can be asked now: no aliases, nothing shut down, nothing whose provider has no key. */
  list(): readonly Model[];
  /** Every model of the configuration and of its providers. */
  all(): readonly ListedModel[];
  /**
   * The provider of a model; a name that nobody knows goes to `passthrough.default` as it is.
   * @throws GatewayError 404 `model_not_found`
   */
  locate(name: string): Location;
}

/** @param config already cross-checked: names lead somewhere, and groups do not contain themselves */
export function createRegistry(config: Config, providers: ReadonlyMap<string, Provider>): Registry {
  const entries = collectModels(config, providers);
  const ids = indexNames(entries);
  const listed = new Map([...entries].map(([id, entry]) => [id, resolve(id, entry)]));

  function resolve(id: string, entry: ModelEntry): ListedModel {
    const fallbacks = entry.fallbacks ?? [];
    if (entry.status === 'shutdown') {
      return { id, entry, targets: [], fallbacks, unavailableBecause: shutdownText(id, entry) };
    }
    const ways = waysTo(id, entry, []);
    const targets = [...new Map(ways.flatMap(({ target }) => (target ? [[target.id, target]] : []))).values()];
    const reasons = [...new Set(ways.flatMap(({ reason }) => reason ?? []))];
    const unavailableBecause = targets.length > 0 ? null : `The model '${id}' cannot be served: ${reasons.join('; ')}.`;
    return { id, entry, targets, fallbacks, unavailableBecause };
  }

  /** The targets of a model, those of a group in its order, each usable or with the reason why not. */
  function waysTo(id: string, entry: ModelEntry, outer: readonly PolicyBlocks[]): Way[] {
    const blocks = [...outer, entry];
    if (entry.targets) return entry.targets.flatMap((name) => waysToMember(name, blocks));
    if (entry.status === 'shutdown') return waysToRetired(id, entry, blocks);
    const provider = providers.get(entry.provider ?? '');
    if (!provider) return [{ target: null, reason: `provider '${entry.provider}' is not configured` }];
    if (provider.disabledBecause !== null) return [{ target: null, reason: provider.disabledBecause }];
    const target = toTarget(id, entry, provider, [...blocks, ...providerBlocks(provider), config.policies]);
    return [{ target, reason: null }];
  }

  function waysToMember(name: string, outer: readonly PolicyBlocks[]): Way[] {
    const named = resolveName(name);
    return named ? waysTo(named.id, named.entry, outer) : [{ target: null, reason: unknownText(name) }];
  }

  function waysToRetired(id: string, entry: ModelEntry, outer: readonly PolicyBlocks[]): Way[] {
    if (entry.retired !== 'redirect') return [{ target: null, reason: shutdownText(id, entry) }];
    return waysToMember(entry.replacement ?? '', outer.slice(0, -1));
  }

  function providerBlocks({ name }: Provider): PolicyBlocks[] {
    const configured = config.providers.get(name);
    return configured ? [configured.entry] : [];
  }

  /** A name's entry, made up for an unlisted model of a known provider. */
  function resolveName(name: string): { readonly id: string; readonly entry: ModelEntry } | null {
    const id = ids.get(name);
    const entry = id === undefined ? undefined : entries.get(id);
    if (id !== undefined && entry) return { id, entry };
    const [provider = '', ...rest] = name.split('/');
    const upstream = rest.join('/');
    return providers.has(provider) && upstream !== '' ? { id: name, entry: { provider, upstream } } : null;
  }

  function unknownText(name: string): string {
    // Direct forms are proposed only to those who use them.
    const known = [...ids.keys()].filter((candidate) => name.includes('/') || !candidate.includes('/'));
    const near = nearestNames(name, known, 3).map((candidate) => `'${candidate}'`);
    const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' GET /v1/models lists what can be asked.';
    return `The model '${name.slice(0, 100)}' does not exist.${hint}`;
  }

  function find(name: string): Model {
    const named = resolveName(name);
    if (named === null) throw notFound(unknownText(name));
    const { id, entry } = named;
    if (entry.status === 'shutdown' && entry.retired === 'redirect') return find(entry.replacement ?? '');
    const model = listed.get(id) ?? resolve(id, entry);
    if (model.unavailableBecause !== null) throw notFound(model.unavailableBecause);
    return model;
  }

  function findUsable(name: string): Model | null {
    const named = resolveName(name);
    const model = named && (listed.get(named.id) ?? resolve(named.id, named.entry));
    return model?.unavailableBecause === null ? model : null;
  }

  const available = [...listed.values()].filter((model) => model.unavailableBecause === null);
  return {
    find,
    findUsable,
    list: () => available,
    all: () => [...listed.values()],
    locate(name) {
      const fallback = providers.get(config.passthroughDefault ?? '');
      if (resolveName(name) === null && fallback?.disabledBecause === null)
        return { provider: fallback, upstream: name };
      const [target] = find(name).targets;
      if (!target) throw notFound(unknownText(name));
      return { provider: target.provider, upstream: target.facts.upstream };
    },
  };
}

interface Way {
  readonly target: Target | null;
  readonly reason: string | null;
}

/** Every name that leads to a listed model. Ids and aliases come before the direct form `provider/upstream-id`. */
function indexNames(entries: ReadonlyMap<string, ModelEntry>): Map<string, string> {
  const ids = new Map([...entries.keys()].map((id) => [id, id]));
  const add = (name: string, id: string): void => {
    if (!ids.has(name)) ids.set(name, id);
  };
  for (const [id, { aliases = [] }] of entries) for (const alias of aliases) add(alias, id);
  for (const [id, entry] of entries) if (entry.provider) add(`${entry.provider}/${upstreamOf(id, entry)}`, id);
  for (const [id, { provider, aliases = [] }] of entries) {
    if (provider) for (const name of [id, ...aliases]) add(`${provider}/${name}`, id);
  }
  return ids;
}

function shutdownText(id: string, { shutdown, replacement }: ModelEntry): string {
  const date = shutdown ? ` on ${shutdown}` : '';
  const advice = replacement ? ` Use '${replacement}' instead.` : ' GET /v1/models lists what can be asked.';
  return `The model '${id}' was shut down${date}.${advice}`;
}

function notFound(message: string): GatewayError {
  return new GatewayError('model_not_found', message, { param: 'model' });
}
