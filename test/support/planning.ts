import type { PlanContext } from '../../src/routing/plan.ts';
import type { Caller } from '../../src/routing/rules.ts';
import { estimatedPrice } from '../../src/usage/cost.ts';

/** A caller without a key and without headers of note. */
export const ANYBODY: Caller = { id: 'anonymous', keyName: 'anonymous', mayUse: null, header: () => undefined };

/** A world in which nothing was measured, nothing is broken, and chance always says 0.5. */
export function planContext(parts: Partial<PlanContext> = {}): PlanContext {
  return {
    stats: { speedOf: () => null, inFlightOf: () => 0 },
    breakers: { state: () => 'closed' },
    now: () => Date.parse('2026-11-24T12:00:00Z'),
    random: () => 0.5,
    priceOf: estimatedPrice,
    ...parts,
  };
}
