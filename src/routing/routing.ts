import { type BreakerState, type Breakers, createBreakers } from './breaker.ts';
import { createRetryBudgets, type RetryBudgets } from './budget.ts';
import { createRegistry, type Registry } from './registry.ts';
import { createStats, type Stats } from './stats.ts';

/** What all calls share: it knows targets by their id, so that what a reload does not change keeps its history. */
export interface Routing {
  readonly breakers: Breakers;
  readonly budgets: RetryBudgets;
  readonly stats: Stats;
  readonly createRegistry: typeof createRegistry;
  /** The breakers of what is listed: clients can name any number of other targets. */
  breakerStates(registry: Registry): readonly TargetState[];
}

/** The breaker of a target of the registry. */
export interface TargetState {
  readonly target: string;
  readonly provider: string;
  readonly state: BreakerState;
}

/** @param now milliseconds since the epoch */
export function createRouting(now: () => number): Routing {
  const breakers = createBreakers(now);
  return {
    breakers,
    budgets: createRetryBudgets(now),
    stats: createStats(now),
    createRegistry,
    breakerStates(registry) {
      const targets = new Map(registry.list().flatMap((model) => model.targets.map((target) => [target.id, target])));
      return [...targets.values()].map(({ id, provider }) => ({
        target: id,
        provider: provider.name,
        state: breakers.state(id),
      }));
    },
  };
}
