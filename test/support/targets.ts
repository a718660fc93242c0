import { type PolicyBlocks, resolvePolicy } from '../../src/config/config.ts';
import type { ModelFacts } from '../../src/languages/dialect.ts';
import { createRegistry } from '../../src/routing/registry.ts';
import type { Target } from '../../src/routing/target.ts';
import { load } from './config-files.ts';
import { buildProviders } from './provider.ts';

/** A target with default policies, and what a test wants to be different. */
export function buildTarget(id: string, facts: Partial<ModelFacts> = {}, policy: PolicyBlocks = {}): Target {
  const config = load(
    `providers: { p: { kind: openai-compatible, base_url: http://127.0.0.1:9 } }\nmodels: { "${id}": { provider: p } }`,
  );
  const [target] = createRegistry(config, buildProviders(config)).find(id).targets;
  if (!target) throw new Error(`'${id}' has no target.`);
  return { ...target, id, facts: { ...target.facts, ...facts }, policy: resolvePolicy(policy) };
}

/** A clock that a test sets. */
export interface TestClock {
  at: number;
  readonly now: () => number;
}

export function createTestClock(): TestClock {
  const clock = { at: 1_790_000_000_000, now: () => clock.at };
  return clock;
}
