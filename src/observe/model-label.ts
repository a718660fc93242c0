import type { Registry } from '../routing/registry.ts';
import type { Target } from '../routing/target.ts';

const UNLISTED = 'unlisted';
const NONE = 'none';

/** The registry's name of a target's model: `unlisted` for what clients make up, `none` where no model was named. */
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
    if (facts.model === '') return NONE;
    return listed.has(facts.model) ? facts.model : UNLISTED;
  };
}
