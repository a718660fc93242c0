import { type Config, defaultFallbacks, type PolicyBlocks } from '../config/config.ts';
import type { MemberEntry, RuleEntry, Strategy } from '../config/group-schema.ts';
import { nearestNames } from '../config/nearest.ts';
import type { ModelEntry } from '../config/schema.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { Provider } from '../providers/provider.ts';
import { type Choice, type Group, type Rule, type RuleSet, reasonsOf, targetsOf, type Unavailable } from './choice.ts';
import { collectModels, type Model, toTarget, upstreamOf } from './model.ts';
import { compileCondition } from './rules.ts';
import type { Target } from './target.ts';

/** A listed model as an operator sees it: also those that cannot be asked, with the reason. */
export interface ListedModel extends Model {
  readonly unavailableBecause: string | null;
}

/** Every model that can be asked. Built once per configuration; asking only looks up. */
export interface Registry {
  /**
   * By id, alias, or `provider/upstream-id`, unlisted models included. Asked by the upstream id of a model that has
   * another name, it is that model without its fallbacks: those belong to the name.
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
   * Who serves what passes through: the target of its model, and `passthrough.default` for a name that nobody knows,
   * which goes there as it is, and for the empty one: a request that names no model.
   * @throws GatewayError 404 `model_not_found`, 404 `unknown_url` where no provider is configured for it
   */
  locate(name: string): Target;
}

/** @param config already cross-checked: names lead somewhere, and groups do not contain themselves */
export function createRegistry(config: Config, providers: ReadonlyMap<string, Provider>): Registry {
  const entries = collectModels(config, providers);
  const ids = indexNames(entries);
  const listed = new Map([...entries].map(([id, entry]) => [id, resolve(id, entry)]));
  const withoutFallbacks = new Map(
    [...ids].flatMap(([name, id]) => {
      const { fallbacks, ...entry } = entries.get(id) ?? {};
      return fallbacks && isUpstreamAlone(name, id, entry) ? [[name, resolve(id, entry)] as const] : [];
    }),
  );

  function resolve(id: string, entry: ModelEntry): ListedModel {
    const choice: Choice =
      entry.status === 'shutdown' ? off(id, entry, shutdownText(id, entry)) : choiceOf(id, entry, []);
    const targets = targetsOf(choice);
    const reasons = reasonsOf(choice);
    const why = entry.status === 'shutdown' ? reasons[0] : `The model '${id}' cannot be served: ${reasons.join('; ')}.`;
    const unavailableBecause = targets.length > 0 ? null : (why ?? null);
    return { id, entry, targets, choice, fallbacks: fallbacksOf(id, entry), unavailableBecause };
  }

  /** Its own list, else the nearest default one, from which it leaves itself out. Embeddings never fall back. */
  function fallbacksOf(id: string, entry: ModelEntry): readonly string[] {
    if (entry.fallbacks || entry.kind === 'embedding') return entry.fallbacks ?? [];
    const provider = config.providers.get(entry.provider ?? '')?.entry ?? {};
    return defaultFallbacks(entry, provider, config.policies).filter((name) => resolveName(name)?.id !== id);
  }

  /** What a model leads to: its target, its group, its rules, or the reason why it cannot be asked. */
  function choiceOf(id: string, entry: ModelEntry, outer: readonly PolicyBlocks[]): Choice {
    const blocks = [...outer, entry];
    if (entry.rules) return rulesOf(id, entry.rules, entry.otherwise, blocks);
    if (entry.targets) return groupOf(id, entry.targets, entry.strategy, blocks);
    if (entry.status === 'shutdown') return choiceOfRetired(id, entry, blocks);
    const provider = providers.get(entry.provider ?? '');
    if (!provider) return off(id, entry, `provider '${entry.provider}' is not configured`);
    if (provider.disabledBecause !== null) return off(id, entry, provider.disabledBecause);
    const target = toTarget(id, entry, provider, [...blocks, ...providerBlocks(provider), config.policies]);
    return { kind: 'target', target };
  }

  function groupOf(id: string, members: Members, strategy: Strategy = 'order', blocks: readonly PolicyBlocks[]): Group {
    const toMember = ({ model, weight = 1 }: MemberEntry) => ({ weight, choice: choiceOfMember(model, blocks) });
    return { kind: 'group', id, strategy, members: members.map(toMember) };
  }

  function rulesOf(
    id: string,
    rules: readonly RuleEntry[],
    otherwise: Members | undefined,
    blocks: readonly PolicyBlocks[],
  ): RuleSet {
    const toRule = ({ name, when, use, strategy }: RuleEntry, index: number): Rule => ({
      name: name ?? String(index + 1),
      condition: compileCondition(when),
      use: groupOf(id, use, strategy, blocks),
    });
    return {
      kind: 'rules',
      id,
      rules: rules.map(toRule),
      otherwise: otherwise ? groupOf(id, otherwise, 'order', blocks) : null,
    };
  }

  function choiceOfMember(name: string, outer: readonly PolicyBlocks[]): Choice {
    const named = resolveName(name);
    return named ? choiceOf(named.id, named.entry, outer) : off(name, {}, unknownText(name));
  }

  function choiceOfRetired(id: string, entry: ModelEntry, outer: readonly PolicyBlocks[]): Choice {
    if (entry.retired !== 'redirect') return off(id, entry, shutdownText(id, entry));
    return choiceOfMember(entry.replacement ?? '', outer.slice(0, -1));
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
    const model = withoutFallbacks.get(name) ?? listed.get(id) ?? resolve(id, entry);
    if (model.unavailableBecause !== null) throw notFound(model.unavailableBecause);
    return model;
  }

  function findUsable(name: string): Model | null {
    const named = resolveName(name);
    const model = named && (listed.get(named.id) ?? resolve(named.id, named.entry));
    return model?.unavailableBecause === null ? model : null;
  }

  function passedTarget(name: string, provider: Provider): Target {
    return toTarget(name, { provider: provider.name }, provider, [...providerBlocks(provider), config.policies]);
  }

  function unnamed(provider: Provider | undefined): Target {
    if (provider?.disabledBecause === null) return passedTarget('', provider);
    const reason =
      provider?.disabledBecause ?? 'no provider is configured for it, the operator sets passthrough.default';
    throw new GatewayError('unknown_url', `This path cannot be served: ${reason}.`);
  }

  const available = [...listed.values()].filter((model) => model.unavailableBecause === null);
  return {
    find,
    findUsable,
    list: () => available,
    all: () => [...listed.values()],
    locate(name) {
      const fallback = providers.get(config.passthrough.default ?? '');
      if (name === '') return unnamed(fallback);
      if (resolveName(name) === null && fallback?.disabledBecause === null) return passedTarget(name, fallback);
      const [target] = find(name).targets;
      if (!target) throw notFound(unknownText(name));
      return target;
    },
  };
}

type Members = readonly MemberEntry[];

function off(model: string, entry: ModelEntry, reason: string): Unavailable {
  const { provider = null } = entry;
  return { kind: 'off', model, provider, upstream: provider && upstreamOf(model, entry), reason };
}

/** Every name that leads to a listed model. Ids and aliases come before the direct form `provider/upstream-id`. */
function indexNames(entries: ReadonlyMap<string, ModelEntry>): Map<string, string> {
  const ids = new Map([...entries.keys()].map((id) => [id, id]));
  const add = (name: string, id: string): void => {
    if (!ids.has(name)) ids.set(name, id);
  };
  for (const [id, { aliases = [] }] of entries) for (const alias of aliases) add(alias, id);
  for (const [id, { provider, upstream = id }] of entries)
    if (provider && upstream === id) add(`${provider}/${id}`, id);
  for (const [id, entry] of entries) if (entry.provider) add(`${entry.provider}/${upstreamOf(id, entry)}`, id);
  for (const [id, { provider, aliases = [] }] of entries) {
    if (provider) for (const name of [id, ...aliases]) add(`${provider}/${name}`, id);
  }
  return ids;
}

/** Whether a name is the direct form of the upstream id, and nothing that the entry calls itself. */
function isUpstreamAlone(name: string, id: string, { provider, aliases = [] }: ModelEntry): boolean {
  return ![id, ...aliases].some((own) => name === own || name === `${provider}/${own}`);
}

function shutdownText(id: string, { shutdown, replacement }: ModelEntry): string {
  const date = shutdown ? ` on ${shutdown}` : '';
  const advice = replacement ? ` Use '${replacement}' instead.` : ' GET /v1/models lists what can be asked.';
  return `The model '${id}' was shut down${date}.${advice}`;
}

function notFound(message: string): GatewayError {
  return new GatewayError('model_not_found', message, { param: 'model' });
}
