import type { Registry } from '../routing/registry.ts';
import type { Target } from '../routing/target.ts';

const UNLISTED = 'unlisted';

/** The registry's name of a target's model. What clients make up is `unlisted`, so that the names stay few. */
export type ModelLabel = (target: Target) => string;

/** @param registry the current one; a reload brings another */
export function createModelLabel(registry: () => Registry): ModelLabel {
  let known: Registry | null = null;
  let listed: ReadonlySet<string> = new Set();
  return ({ facts }) => {
    const current = registry();
    if (current !== known) {
      known = current;
      listed = new Set(current.all().map(({ id }) => id));
    }
    return listed.has(facts.model) ? facts.model : UNLISTED;
  };
}
