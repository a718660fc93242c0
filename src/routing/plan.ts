import type { ChatRequest } from '../protocol/chat.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { Model } from './model.ts';
import type { Registry } from './registry.ts';
import type { Target } from './target.ts';

/** The targets to try for one call, in order. */
export interface Plan {
  readonly targets: readonly [Target, ...Target[]];
}

/**
 * The model's targets, then those of its fallbacks: the request's own `fallbacks` where it has some, else the
 * registry's. Not more models than `fallback.max_models`.
 * @throws GatewayError 404 `model_not_found`
 */
export function createPlan(registry: Registry, chat: ChatRequest): Plan {
  const model = registry.find(chat.model);
  const fallbacks = chat.fallbacks ? chat.fallbacks.map((name) => named(registry, name)) : listed(registry, model);
  const [first, ...rest] = distinct([model, ...fallbacks].flatMap(({ targets }) => targets));
  if (first === undefined) throw new GatewayError('model_not_found', 'No provider of this model can be asked.');
  return { targets: [first, ...rest.slice(0, first.policy.maxModels - 1)] };
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

function distinct(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((target) => [target.id, target])).values()];
}
