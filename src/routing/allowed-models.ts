import { GatewayError } from '../protocol/errors.ts';
import { matchesPattern } from '../protocol/name-pattern.ts';
import type { Model } from './model.ts';
import type { Registry } from './registry.ts';
import type { Target } from './target.ts';

/** Whether a caller may be answered by a target. */
export type TargetFilter = (target: Target) => boolean;

/**
 * What lists of patterns allow: a target has to be in each of them, by the id of its model or as `provider/id`. A name
 * without a star may also be an alias. A group is as good as its members: naming it alone allows none of them.
 */
export function createTargetFilter(
  lists: readonly (readonly string[])[],
  registry: Pick<Registry, 'findUsable'>,
): TargetFilter {
  const allowed = lists.map((list) => createNameFilter(list, registry));
  return ({ id, facts }) => allowed.every((isAllowed) => isAllowed(facts.model) || isAllowed(id));
}

/** Whether any of the ways to serve a model is allowed. */
export function isModelAllowed({ targets }: Pick<Model, 'targets'>, filter: TargetFilter | null): boolean {
  return filter === null || targets.some(filter);
}

/** @param name as it was asked for */
export function modelNotAllowed(name: string): GatewayError {
  const message = `This key may not use '${name.slice(0, 200)}'. GET /v1/models lists what it may use.`;
  return new GatewayError('model_not_allowed', message, { param: 'model' });
}

function createNameFilter(list: readonly string[], registry: Pick<Registry, 'findUsable'>): (name: string) => boolean {
  const patterns = list.filter((text) => text.includes('*'));
  const exact = list.filter((text) => !text.includes('*'));
  const names = new Set([...exact, ...exact.flatMap((text) => registry.findUsable(text)?.id ?? [])]);
  return (name) => names.has(name) || patterns.some((pattern) => matchesPattern(pattern, name));
}
