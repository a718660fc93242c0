import type { KeyRing } from '../access/keys.ts';
import type { Call } from '../calls/call.ts';
import type { CallTracker } from '../calls/call-tracker.ts';
import type { Config } from '../config/config.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { RecentCalls } from '../observe/recent-calls.ts';
import type { Provider } from '../providers/provider.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { BreakerState, Breakers } from '../routing/breaker.ts';
import type { RetryBudgets } from '../routing/budget.ts';
import type { CallContext } from '../routing/call-context.ts';
import type { PlanContext } from '../routing/plan.ts';
import type { Registry } from '../routing/registry.ts';
import type { Stats } from '../routing/stats.ts';
import type { UpstreamClient } from '../upstream/client.ts';
import type { KeyPool } from '../upstream/key-pool.ts';
import type { UsageLog } from '../usage/usage-log.ts';

/** Everything that a reload replaces as a whole; a call keeps the one it began with. */
export interface Snapshot {
  readonly config: Config;
  readonly registry: Registry;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clientKeys: KeyRing;
}

/** The breaker of a target of the registry. */
export interface TargetState {
  readonly target: string;
  readonly provider: string;
  readonly state: BreakerState;
}

/** What the routes need of the rest of the house. */
export interface Services {
  readonly snapshot: () => Snapshot;
  readonly client: UpstreamClient;
  readonly tracker: CallTracker;
  /** Milliseconds since the epoch, with fractions, never going back. */
  readonly now: () => number;
  readonly newId: () => string;
  /** False from the moment the gateway begins to stop. */
  readonly isReady: () => boolean;
  /** False once it takes no new calls: `server.drain_delay` later. */
  readonly isAccepting: () => boolean;
  readonly version: string;
  readonly startedAt: number;
  readonly breakers: Breakers;
  readonly budgets: RetryBudgets;
  readonly stats: Stats;
  readonly providerKeys: KeyPool;
  /** USD, by the prices of that moment; null when they are not known. */
  readonly priceOf: PlanContext['priceOf'];
  readonly random: () => number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  attemptBegan(call: CallContext, attempt: Attempt): void;
  /** Tracing, where it is on. */
  callStarted?(call: Call, traceparent: string | undefined): void;
  traceHeaders?(call: CallContext, attempt: Attempt): Readonly<Record<string, string>>;
  attemptEnded(call: CallContext, attempt: Attempt): void;
  callEnded(call: Call): void;
  /** Log, metrics and usage learn of what has ended a little later; this tells them what is waiting. */
  tellObservers(): void;
  reportBug(error: unknown, requestId: string | null): void;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly recentCalls: RecentCalls;
  breakerStates(): readonly TargetState[];
  /** Records of the usage log that could not be written. */
  lostRecords(): number;
  /** What may be read of the usage log; null when it is switched off. */
  readonly usage: Pick<UsageLog, 'page' | 'sums'> | null;
  /** The usage log, and where it is off what is remembered. */
  readonly endedCalls: Pick<UsageLog, 'ended'>;
}
