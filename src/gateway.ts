import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createKeyRing } from './access/keys.ts';
import type { Call } from './calls/call.ts';
import { type CallTracker, createCallTracker } from './calls/call-tracker.ts';
import type { Config } from './config/config.ts';
import { refuseOpenReload, refuseOpenStart } from './config/open-host.ts';
import { restartNeeded } from './config/restart.ts';
import { createDatabase } from './database/engines.ts';
import { openEarly } from './database/opening.ts';
import { createApp } from './http/app.ts';
import { drain } from './http/drain.ts';
import { createEntrance } from './http/entrance.ts';
import { createOpenResponses } from './http/open-responses.ts';
import { createAppServer } from './http/server.ts';
import type { Services, Snapshot, TargetState } from './http/services.ts';
import { createSignatureStore } from './languages/gemini/signature-store.ts';
import { logObserver } from './observe/logger.ts';
import { createMetrics } from './observe/metrics.ts';
import { createModelLabel } from './observe/model-label.ts';
import { fanOut, type Observer } from './observe/observer.ts';
import { createObserverQueue } from './observe/observer-queue.ts';
import { createRecentCalls } from './observe/recent-calls.ts';
import type { Tracing } from './observe/tracing.ts';
import { createProviderFactory, type ProviderFactory } from './providers/index.ts';
import { type Breakers, createBreakers } from './routing/breaker.ts';
import { createRetryBudgets } from './routing/budget.ts';
import { createRegistry, type Registry } from './routing/registry.ts';
import { createStats } from './routing/stats.ts';
import { createUpstreamClient } from './upstream/client.ts';
import { createKeyPool } from './upstream/key-pool.ts';
import { estimatedPrice } from './usage/cost.ts';
import { attemptCost, createRecorder, type UsageRecord } from './usage/record.ts';
import { createRememberedCalls } from './usage/remembered-calls.ts';
import { createUsageLog, type UsageLog } from './usage/usage-log.ts';
import { USAGE_ROOM } from './usage/usage-room.ts';

/** A running gateway. */
export interface Gateway {
  /** `http://host:port`, where it really listens. */
  readonly url: string;
  readonly snapshot: () => Snapshot;
  /**
   * Takes another configuration for new calls; those in flight keep theirs.
   * @param load when it throws, the old configuration stays, and that is counted
   * @returns the settings that differ from what runs, and take a restart
   */
  reload(load: () => Config): Promise<readonly string[]>;
  /**
   * Is not ready any more, takes new calls for `server.drain_delay`, then lets those in flight run for `server.drain` and
   * aborts what remains.
   */
  stop(): Promise<void>;
}

/** The composition root: the only place that knows every part. */
export async function startGateway(config: Config, log: Logger, version: string): Promise<Gateway> {
  const newId = (): string => randomUUID().replaceAll('-', '');
  const factory = createProviderFactory({
    newId: () => `call_${newId().slice(0, 24)}`,
    signatures: createSignatureStore(),
  });
  const client = createUpstreamClient();
  let snapshot = await createSnapshot(config, factory);
  let isReady = true;
  let isAccepting = true;
  // Asked for once: it is a getter that costs more than the clock.
  const { timeOrigin } = performance;
  const now = (): number => timeOrigin + performance.now();
  const tracker = createCallTracker(now);
  const reportBug = (error: unknown, requestId: string | null): void => log.error({ err: error, id: requestId }, 'bug');
  const breakers = createBreakers(now);
  const stats = createStats(now);
  const toRecord = createRecorder();
  const database = await createDatabase(config.database, { usage: USAGE_ROOM });
  const { shown } = config.database;
  const usage =
    config.usage.store === 'none'
      ? null
      : createUsageLog(database.stores.usage, config.usage, { notes: log, now, newId, database: shown, toRecord });
  if (usage !== null) openEarly(database, shown, log);
  const observation = createObservation({ snapshot: () => snapshot, tracker, breakers, usage, toRecord, log, version });
  const tracing = await startTracing(version);
  const fan = (observers: readonly Observer[]): Required<Observer> =>
    fanOut(observers, (error) => reportBug(error, null));
  const observerQueue = createObserverQueue(fan(observation.observers));
  const services: Services = {
    snapshot: () => snapshot,
    client,
    tracker,
    now,
    newId,
    isReady: () => isReady,
    isAccepting: () => isAccepting,
    version,
    startedAt: now(),
    // Breakers, budgets and statistics know targets by id: what a reload does not change keeps its history.
    breakers,
    budgets: createRetryBudgets(now),
    providerKeys: createKeyPool(now),
    stats,
    priceOf: estimatedPrice,
    random: Math.random,
    sleep: (ms, signal) => wait(ms, undefined, { signal }),
    // Routing needs its statistics at once.
    ...fan([stats, observerQueue, ...(tracing ? [tracing] : [])]),
    tellObservers: observerQueue.flush,
    ...(tracing && { callStarted: tracing.callStarted, traceHeaders: tracing.traceHeaders }),
    reportBug,
    ...observation.services,
    usage,
    endedCalls: usage ?? createRememberedCalls(tracker.ended),
  };
  const responses = createOpenResponses();
  const app = createApp(services);
  const server = createAppServer(app, responses.tracking(createEntrance(services, app)));
  const address = await listen(server, config);
  // Whatever ends the process, calls that ended before it are logged; the log's own listener then writes its last lines.
  process.prependListener('exit', observerQueue.flush);
  const stop = async (): Promise<void> => {
    const { drainDelayMs, drainMs } = snapshot.config.server;
    isReady = false;
    responses.closeConnections();
    if (drainDelayMs > 0) await wait(drainDelayMs);
    isAccepting = false;
    // Still listening: new calls are refused in words, and /ready says it.
    await drain(responses, tracker, drainMs);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    await client.close();
    await factory.close();
    observerQueue.flush();
    process.off('exit', observerQueue.flush);
    await usage?.close();
    await database.close();
    await tracing?.close();
  };
  let stopped: Promise<void> | null = null;
  return {
    url: urlOf(server, config.server.host),
    snapshot: () => snapshot,
    async reload(load) {
      try {
        const next = await createSnapshot(load(), factory);
        refuseOpenReload(address, snapshot.config, next.config);
        snapshot = next;
        observation.configReloaded(true);
        return restartNeeded(config, next.config);
      } catch (error) {
        observation.configReloaded(false);
        throw error;
      }
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function createSnapshot(config: Config, factory: ProviderFactory): Promise<Snapshot> {
  const providers = await factory.create(config);
  return {
    config,
    providers,
    registry: createRegistry(config, providers),
    clientKeys: createKeyRing(config.keys, config.passthrough.isShared),
  };
}

interface Observed {
  readonly snapshot: () => Snapshot;
  readonly tracker: CallTracker;
  readonly breakers: Breakers;
  readonly usage: UsageLog | null;
  readonly toRecord: (call: Call) => UsageRecord;
  readonly log: Logger;
  readonly version: string;
}

/** All that is told what has happened, and what of it can be asked. */
interface Observation {
  readonly observers: readonly Observer[];
  readonly services: Pick<Services, 'metrics' | 'recentCalls' | 'breakerStates' | 'lostRecords'>;
  configReloaded(isGood: boolean): void;
}

function createObservation({ snapshot, tracker, breakers, usage, toRecord, log, version }: Observed): Observation {
  const breakerStates = (): readonly TargetState[] => statesOf(snapshot().registry, breakers);
  const lostRecords = (): number => usage?.lost ?? 0;
  const modelLabel = createModelLabel(() => snapshot().registry);
  const recentCalls = createRecentCalls(modelLabel, () => snapshot().config.targets);
  const metrics = createMetrics({
    version,
    modelLabel,
    callsInFlight: () => tracker.size,
    breakers: breakerStates,
    lostRecords,
    costOf: (attempt) => attemptCost(attempt).usd,
  });
  const logged = logObserver(log, toRecord, () => snapshot().config.log.content);
  return {
    observers: [logged, metrics, recentCalls, ...(usage ? [usage] : [])],
    services: { metrics, recentCalls, breakerStates, lostRecords },
    configReloaded: metrics.configReloaded,
  };
}

/** Null, and nothing loaded, where no collector is named: OpenTelemetry's own variables say where spans go. */
async function startTracing(version: string): Promise<Tracing | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SERVICE_NAME } = process.env;
  if (!OTEL_EXPORTER_OTLP_ENDPOINT && !OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return null;
  const { createTracing } = await import('./observe/tracing.ts');
  return createTracing(version, OTEL_SERVICE_NAME || 'sluice');
}

/** The breakers of what is listed: clients can name any number of other targets. */
function statesOf(registry: Registry, breakers: Breakers): readonly TargetState[] {
  const targets = new Map(registry.list().flatMap((model) => model.targets.map((target) => [target.id, target])));
  return [...targets.values()].map(({ id, provider }) => ({
    target: id,
    provider: provider.name,
    state: breakers.state(id),
  }));
}

/** Resolves to the address that is really bound. */
async function listen(server: Server, config: Config): Promise<string> {
  await once(server.listen(config.server.port, config.server.host), 'listening');
  const { address } = server.address() as AddressInfo;
  refuseOpenStart(address, config, () => server.close());
  return address;
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
