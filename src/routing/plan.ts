import { toUsage, type Usage } from '../protocol/delta.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { PoolKey } from '../upstream/key-pool.ts';
import { isModelAllowed, modelNotAllowed } from './allowed-models.ts';
import type { Breakers } from './breaker.ts';
import type { Model } from './model.ts';
import { type Needs, needsOf } from './needs.ts';
import { type Picked, pick, type Skipped, toSkipped } from './pick.ts';
import type { Registry } from './registry.ts';
import type { Caller } from './rules.ts';
import type { Stats } from './stats.ts';
import type { Figures } from './strategies.ts';
import type { Target } from './target.ts';

/** The targets to try for one call, in order. */
export interface Plan {
  /** Whose call it is: an opaque name, by which one caller's trouble is told from everybody's. */
  readonly caller: string;
  readonly targets: readonly [Target, ...Target[]];
  /** Why these, for a header: `model`, `my-group: cheapest`, `auto: rule fresh-facts, order`. */
  readonly route: string;
  /** Why the first one is the first, to go after its name. */
  readonly reason: string;
  /** The rule that led here. */
  readonly rule: string | null;
  /** What was passed over, and why. */
  readonly skipped: readonly Skipped[];
  /** The one key that can be used, where the request goes on with what a provider keeps under it. */
  readonly pinnedKey?: PoolKey | null;
}

/** What planning needs of the world. */
export interface PlanContext {
  readonly stats: Pick<Stats, 'speedOf' | 'inFlightOf'>;
  readonly breakers: Pick<Breakers, 'state'>;
  /** Milliseconds since the epoch: prices have days. */
  readonly now: () => number;
  readonly random: () => number;
  /** USD, by the prices of that moment; null when they are not known. */
  readonly priceOf: (target: Target, usage: Usage, at: number) => number | null;
}

/**
 * The model's targets, then those of its fallbacks: the request's own `fallbacks` where it has some, else the
 * registry's. Not more models than `fallback.max_models`, and none that cannot do what the request needs while
 * another can.
 * @throws GatewayError 404 `model_not_found`, 403 `model_not_allowed`
 */
export function createPlan(registry: Registry, request: ModelRequest, caller: Caller, context: PlanContext): Plan {
  const model = registry.find(request.model);
  // What one asks for must be allowed: a fallback that is stands in for it, and not for the refusal.
  if (!isModelAllowed(model, caller.mayUse)) throw modelNotAllowed(request.model);
  const fallbacks = request.fallbacks
    ? request.fallbacks.map((name) => named(registry, name))
    : listed(registry, model);
  // The usual case, and nothing to choose.
  if (model.choice.kind === 'target' && fallbacks.length === 0) {
    const { target } = model.choice;
    return {
      caller: caller.id,
      targets: [target],
      route: 'model',
      reason: 'was asked for by name',
      rule: null,
      skipped: [],
    };
  }
  const needs = needsOf(request);
  const input = { request, needs, caller };
  const figures = figuresOf(request, needs, context);
  const picks = [model, ...fallbacks].map(({ choice }) => pick(choice, input, figures));
  return { caller: caller.id, ...toPlan(model, picks, context.breakers) };
}

function named(registry: Registry, name: string): Model {
  try {
    return registry.find(name);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new GatewayError(error.code, error.message, { param: 'fallbacks', cause: error });
  }
}

/** The registry's fallbacks, without those that cannot be asked now: their provider has no key. */
function listed(registry: Registry, { fallbacks }: Model): Model[] {
  return fallbacks.flatMap((name) => registry.findUsable(name) ?? []);
}

/** What the strategies look at, for one request. */
export function figuresOf(request: ModelRequest, needs: Needs, context: PlanContext): Figures {
  const { stats, now, random, priceOf } = context;
  return {
    random,
    costOf(target) {
      const counts = toUsage({ prompt: needs.promptTokens(), completion: needs.answerTokens });
      const searches = needs.capabilities.has('web_search')
        ? { server_tool_use_details: { web_search_requests: 1 } }
        : {};
      return priceOf(target, { ...counts, ...searches }, now());
    },
    speedOf: ({ id }) => stats.speedOf(id, request.isStream),
    inFlightOf: ({ id }) => stats.inFlightOf(id),
  };
}

function toPlan({ id }: Model, picks: readonly Picked[], breakers: PlanContext['breakers']): Omit<Plan, 'caller'> {
  const eligible = distinct(picks.flatMap((picked) => picked.eligible));
  const ineligible = picks.flatMap((picked) => picked.ineligible);
  const wanted = eligible.length > 0 ? eligible : distinct(ineligible.map(({ target }) => target));
  const [head] = wanted;
  if (head === undefined) {
    throw new GatewayError('model_not_found', `No model of '${id}' can be asked for this request.`, { param: 'model' });
  }
  const [first = head, ...rest] = atMost(head.policy.maxModels, wanted, breakers);
  const kept = new Set([first, ...rest]);
  const cut = wanted
    .filter((target) => !kept.has(target))
    .map((target) => toSkipped(target, `no more than ${head.policy.maxModels} models are asked (fallback.max_models)`));
  const skipped = [...picks.flatMap(({ off }) => off), ...(eligible.length > 0 ? ineligible : []), ...cut];
  const [own] = picks;
  const isFallback = own?.eligible.length === 0 && eligible.length > 0;
  return {
    targets: [first, ...rest],
    route: own?.route ?? 'model',
    reason: isFallback ? `is a fallback of '${id}', and can do what is needed` : (own?.reason ?? ''),
    rule: own?.rule ?? null,
    skipped: distinctSkips(skipped, kept),
  };
}

/** Where not all can stay, those with an open breaker go first: they would not be asked anyway. */
function atMost(count: number, targets: readonly Target[], breakers: PlanContext['breakers']): readonly Target[] {
  if (targets.length <= count) return targets;
  const isOpen = ({ id }: Target): boolean => breakers.state(id) === 'open';
  return [...targets.filter((target) => !isOpen(target)), ...targets.filter(isOpen)].slice(0, count);
}

/** Each once, as the first that is asked: another model with this target may have other prices. */
function distinct(targets: readonly Target[]): Target[] {
  const seen = new Set<string>();
  return targets.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Each once, and nothing that is asked after all. */
function distinctSkips(skipped: readonly Skipped[], asked: ReadonlySet<Target>): Skipped[] {
  const names = new Set([...asked].map(({ id }) => id));
  return skipped.filter(({ provider, upstream, model }) => {
    const name = provider === null ? model : `${provider}/${upstream}`;
    return !names.has(name) && names.add(name);
  });
}
