import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Registry } from '../routing/registry.ts';
import type { Accounting } from '../usage/accounting.ts';
import { type BudgetObserver, createBudgetObserver } from './budget-observer.ts';
import { createFeed, type Feed } from './feed.ts';
import type { Readings } from './instruments.ts';
import { logObserver } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createModelLabel } from './model-label.ts';
import { fanOut, type Observer } from './observer.ts';
import { createObserverQueue } from './observer-queue.ts';
import { createRecentCalls, type RecentCalls } from './recent-calls.ts';
import type { Tracing } from './tracing.ts';

/** All that is told what has happened, and what of it can be asked. */
export interface Observation {
  readonly metrics: Metrics;
  readonly recentCalls: RecentCalls;
  readonly feed: Feed;
  /** Where runs of calls tell what happens; tracing, where it is on. */
  readonly events: Required<Observer> & Partial<Pick<Tracing, 'callStarted' | 'traceHeaders'>>;
  readonly budgets: BudgetObserver;
  readonly reportBug: (error: unknown, requestId: string | null) => void;
  /** Tells log, metrics and usage what has ended and is still waiting. */
  readonly flush: () => void;
  /** Sends the last spans. */
  close(): Promise<void>;
}

/** What observers need of the rest of the house. */
export interface ObservationContext extends Omit<Readings, 'lostRecords'> {
  readonly log: Logger;
  readonly config: () => Config;
  readonly registry: () => Registry;
  /** Milliseconds since the epoch, never going back. */
  readonly now: () => number;
  readonly accounting: Pick<Accounting, 'callEnded' | 'costOf' | 'lostRecords' | 'toRecord'>;
  /** Told at once, before all others. */
  readonly first: Observer;
}

/** With tracing, and its libraries loaded, where OpenTelemetry's own variables name a collector. */
export async function createObservation(context: ObservationContext): Promise<Observation> {
  const { version, callsInFlight, breakers, lostAnswers, log, config, registry, accounting, first, now } = context;
  const { costOf, lostRecords, toRecord } = accounting;
  const reportBug = (error: unknown, id: string | null): void => log.error({ err: error, id }, 'bug');
  const fan = (...observers: readonly (Observer | null)[]): Required<Observer> =>
    fanOut(
      observers.filter((observer) => observer !== null),
      (error) => reportBug(error, null),
    );
  const modelLabel = createModelLabel(registry);
  const recentCalls = createRecentCalls(modelLabel, () => config().targets);
  const metrics = createMetrics({ version, callsInFlight, breakers, lostRecords, lostAnswers, modelLabel, costOf });
  const logged = logObserver(log, toRecord, () => config().log.content);
  const feed = createFeed(now);
  const queue = createObserverQueue(fan(logged, metrics, recentCalls, accounting, feed));
  const tracing = await startTracing(version);
  return {
    metrics,
    recentCalls,
    feed,
    events: {
      ...fan(first, queue, tracing),
      ...(tracing && { callStarted: tracing.callStarted, traceHeaders: tracing.traceHeaders }),
    },
    budgets: createBudgetObserver(log, metrics),
    reportBug,
    flush: queue.flush,
    close: async () => tracing?.close(),
  };
}

/** Null, and nothing loaded, where no collector is named: OpenTelemetry's own variables say where spans go. */
async function startTracing(version: string): Promise<Tracing | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SERVICE_NAME } = process.env;
  if (!OTEL_EXPORTER_OTLP_ENDPOINT && !OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return null;
  const { createTracing } = await import('./tracing.ts');
  return createTracing(version, OTEL_SERVICE_NAME || 'sluice');
}
