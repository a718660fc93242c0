import { DEFAULT_STRATEGY } from '../config/config.ts';
import type { MemberEntry, RuleEntry, Strategy, WhenEntry } from '../config/group-schema.ts';
import type { ModelEntry } from '../config/schema.ts';
import type { Model } from '../routing/model.ts';
import type { ListedModel } from '../routing/model-builder.ts';

/** OpenAI's Model object, with what the registry knows besides; `null` means not known. */
export interface ModelObject {
  readonly id: string;
  readonly object: 'model';
  /** Seconds since the epoch; 0 where it is not known. */
  readonly created: number;
  readonly owned_by: string;
  /** Null for a group over several. */
  readonly provider: string | null;
  readonly context_window: number | null;
  readonly max_output_tokens: number | null;
  readonly capabilities: NonNullable<ModelEntry['capabilities']> | null;
  readonly pricing: NonNullable<ModelEntry['prices']> | null;
  readonly status: NonNullable<ModelEntry['status']>;
  readonly shutdown_date: string | null;
}

/** A model of `GET /v1/models?all=true`: also one that cannot be asked now. */
export interface ModelDetails extends ModelObject {
  readonly kind: NonNullable<ModelEntry['kind']>;
  readonly available: boolean;
  /** Why it cannot be asked. */
  readonly reason: string | null;
  readonly aliases: readonly string[];
  readonly fallbacks: readonly string[];
  readonly released: string | null;
  readonly replacement: string | null;
  readonly as_of: string | null;
  /** Of a group: how it chooses, and among whom; null for all others. */
  readonly strategy: Strategy | null;
  readonly members: readonly MemberEntry[] | null;
  /** Of a model that chooses by rules: these, and what it has where none helps. */
  readonly rules: readonly RuleObject[] | null;
  readonly otherwise: readonly MemberEntry[] | null;
}

/** A rule of a model that chooses by the request. */
export interface RuleObject {
  readonly name: string;
  /** The conditions, of headers the names alone; null for who is no admin, as they may name the keys of others. */
  readonly when: (Omit<WhenEntry, 'header'> & { readonly header?: readonly string[] }) | null;
  readonly strategy: Strategy;
  readonly members: readonly MemberEntry[];
}

/** What the one who asks may be shown. */
export interface ModelViewer {
  readonly isAdmin: boolean;
  /** Whether a model with this name may be named to them. */
  maySee(name: string): boolean;
}

/** A model as everybody's client reads it. */
export function toModelObject({ id, entry, targets }: Pick<Model, 'id' | 'entry' | 'targets'>): ModelObject {
  const owners = new Set(targets.map(({ provider }) => provider.name));
  const [owner = null] = owners.size === 1 ? owners : [];
  return {
    id,
    object: 'model',
    created: entry.released ? Date.parse(entry.released) / 1000 : 0,
    owned_by: owner ?? 'sluice',
    provider: owner,
    context_window: entry.context_window ?? null,
    max_output_tokens: entry.max_output_tokens ?? null,
    capabilities: entry.capabilities ?? null,
    pricing: entry.prices ?? null,
    status: entry.status ?? 'active',
    shutdown_date: entry.shutdown ?? null,
  };
}

/** A model with all that people choose by. */
export function toModelDetails(model: ListedModel, viewer: ModelViewer): ModelDetails {
  const { entry, unavailableBecause: reason, fallbacks } = model;
  const seen = (members: readonly MemberEntry[] | undefined): readonly MemberEntry[] | null =>
    members?.filter(({ model: name }) => viewer.maySee(name)) ?? null;
  const object = toModelObject(model);
  return {
    ...object,
    // One that cannot be asked has no target to say so.
    provider: object.provider ?? entry.provider ?? null,
    owned_by: object.provider ?? entry.provider ?? object.owned_by,
    kind: entry.kind ?? 'chat',
    available: reason === null,
    reason,
    aliases: entry.aliases ?? [],
    fallbacks: fallbacks.filter(viewer.maySee),
    released: entry.released ?? null,
    replacement: entry.replacement ?? null,
    as_of: entry.as_of ?? null,
    strategy: entry.targets ? (entry.strategy ?? DEFAULT_STRATEGY) : null,
    members: seen(entry.targets),
    rules: entry.rules?.map((rule, index) => toRuleObject(rule, index, seen(rule.use) ?? [], viewer)) ?? null,
    otherwise: seen(entry.otherwise),
  };
}

function toRuleObject(
  { name, when = {}, strategy = DEFAULT_STRATEGY }: RuleEntry,
  index: number,
  members: readonly MemberEntry[],
  { isAdmin }: ModelViewer,
): RuleObject {
  const { header, ...conditions } = when;
  const shown = { ...conditions, ...(header && { header: Object.keys(header) }) };
  return { name: name ?? String(index + 1), when: isAdmin ? shown : null, strategy, members };
}
