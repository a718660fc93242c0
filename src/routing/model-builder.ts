import { type Config, DEFAULT_STRATEGY, defaultFallbacks, type PolicyBlocks } from '../config/config.ts';
import type { MemberEntry, RuleEntry, Strategy } from '../config/group-schema.ts';
import type { ModelEntry } from '../config/schema.ts';
import type { Provider } from '../providers/provider.ts';
import { type Choice, type Group, type Rule, type RuleSet, reasonsOf, targetsOf, type Unavailable } from './choice.ts';
import { type Model, toTarget, upstreamOf } from './model.ts';
import type { NameIndex } from './name-index.ts';
import { compileCondition } from './rules.ts';
import type { Target } from './target.ts';

/** A listed model as an operator sees it: also those that cannot be asked, with the reason. */
export interface ListedModel extends Model {
  readonly unavailableBecause: string | null;
}

/** Builds models out of their entries, once per configuration. */
export interface ModelBuilder {
  build(id: string, entry: ModelEntry): ListedModel;
  /** The target of a name that is passed to a provider as it came. */
  passedTarget(name: string, provider: Provider): Target;
}

/** @param config already cross-checked: names lead somewhere, and groups do not contain themselves */
export function createModelBuilder(
  config: Config,
  providers: ReadonlyMap<string, Provider>,
  names: NameIndex,
): ModelBuilder {
  function build(id: string, entry: ModelEntry): ListedModel {
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
    return defaultFallbacks(entry, provider, config.policies).filter((name) => names.resolve(name)?.id !== id);
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

  function groupOf(
    id: string,
    members: Members,
    strategy: Strategy = DEFAULT_STRATEGY,
    blocks: readonly PolicyBlocks[],
  ): Group {
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
      otherwise: otherwise ? groupOf(id, otherwise, undefined, blocks) : null,
    };
  }

  function choiceOfMember(name: string, outer: readonly PolicyBlocks[]): Choice {
    const named = names.resolve(name);
    return named ? choiceOf(named.id, named.entry, outer) : off(name, {}, names.unknownText(name));
  }

  function choiceOfRetired(id: string, entry: ModelEntry, outer: readonly PolicyBlocks[]): Choice {
    if (entry.retired !== 'redirect') return off(id, entry, shutdownText(id, entry));
    return choiceOfMember(entry.replacement ?? '', outer.slice(0, -1));
  }

  function providerBlocks({ name }: Provider): PolicyBlocks[] {
    const configured = config.providers.get(name);
    return configured ? [configured.entry] : [];
  }

  return {
    build,
    passedTarget: (name, provider) =>
      toTarget(name, { provider: provider.name }, provider, [...providerBlocks(provider), config.policies]),
  };
}

type Members = readonly MemberEntry[];

function off(model: string, entry: ModelEntry, reason: string): Unavailable {
  const { provider = null } = entry;
  return { kind: 'off', model, provider, upstream: provider && upstreamOf(model, entry), reason };
}

function shutdownText(id: string, { shutdown, replacement }: ModelEntry): string {
  const date = shutdown ? ` on ${shutdown}` : '';
  const advice = replacement ? ` Use '${replacement}' instead.` : ' GET /v1/models lists what can be asked.';
  return `The model '${id}' was shut down${date}.${advice}`;
}
