import type { Key } from '../access/keys.ts';
import { createTargetFilter, type TargetFilter } from '../routing/allowed-models.ts';
import type { Registry } from '../routing/registry.ts';

interface MadeFilter {
  readonly registry: Registry;
  readonly filter: TargetFilter;
}

/** One for each caller that is remembered: a filter is made once for a registry, and not for each call. */
const made = new WeakMap<Key['models'], MadeFilter>();

/** What a key may be answered by; null for everything. */
export function targetFilterOf({ models }: Key, registry: Registry): TargetFilter | null {
  if (models.length === 0) return null;
  const known = made.get(models);
  if (known?.registry === registry) return known.filter;
  const filter = createTargetFilter(models, registry);
  made.set(models, { registry, filter });
  return filter;
}
