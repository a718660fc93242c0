import type { KeyRing } from '../access/keys.ts';
import type { Call } from '../calls/call.ts';
import type { Register } from '../calls/register.ts';
import type { Config } from '../config/config.ts';
import type { Provider } from '../providers/provider.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { Breakers } from '../routing/breaker.ts';
import type { RetryBudgets } from '../routing/budget.ts';
import type { Course } from '../routing/execute.ts';
import type { Registry } from '../routing/registry.ts';
import type { UpstreamClient } from '../upstream/client.ts';

/** Everything that a reload replaces as a whole; a call keeps the one it began with. */
export interface World {
  readonly config: Config;
  readonly registry: Registry;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly keys: KeyRing;
}

/** What the routes need of the rest of the house. */
export interface Services {
  readonly world: () => World;
  readonly client: UpstreamClient;
  readonly register: Register;
  /** Milliseconds since the epoch, with fractions, never going back. */
  readonly now: () => number;
  readonly newId: () => string;
  /** False from the moment the gateway begins to stop. */
  readonly isAccepting: () => boolean;
  readonly version: string;
  readonly startedAt: number;
  readonly breakers: Breakers;
  readonly budgets: RetryBudgets;
  readonly random: () => number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  attemptEnded(course: Course, attempt: Attempt): void;
  callEnded(call: Call): void;
  reportBug(error: unknown, requestId: string | null): void;
}
