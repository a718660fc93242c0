import type { Policy } from '../config/config.ts';
import type { PriceEntry } from '../config/schema.ts';
import type { ModelFacts } from '../languages/dialect.ts';
import type { Provider } from '../providers/provider.ts';

/** One concrete way to serve a model. */
export interface Target {
  /** `provider/upstream-id`: unique, and the name under which it can be asked for directly. */
  readonly id: string;
  readonly provider: Provider;
  readonly facts: ModelFacts;
  readonly policy: Policy;
  readonly prices: readonly PriceEntry[];
  /** USD, by the registry's names. */
  readonly fees: Readonly<Record<string, number>>;
}
