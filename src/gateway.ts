import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ACCESS_ROOM, type Access, createAccess } from './access/access.ts';
import { createCallTracker, createGovernor, type Governor } from './calls/governor.ts';
import {
  admitHost,
  admitReload,
  admitStart,
  type Config,
  createConfiguration,
  type Environment,
  openHostProblem,
} from './config/running.ts';
import { createKeptAnswers, reasonOf, THREADS_ROOM } from './conversations/kept-answers.ts';
import { createDatabase, type Database, openEarly } from './database/engines.ts';
import {
  createAnswers,
  createHttpServer,
  createSnapshots,
  type HttpServer,
  type Snapshot,
  type Snapshots,
  type StoredAnswers,
} from './http/http-server.ts';
import { createSignatureStore } from './languages/gemini/signature-store.ts';
import { createGovernance } from './limits/governance.ts';
import { createObservation, type Observation } from './observe/observation.ts';
import { createProviderFactory, type ProviderFactory } from './providers/index.ts';
import { createRouting } from './routing/routing.ts';
import { createUpstream, type Upstream } from './upstream/upstream.ts';
import { type Accounting, createAccounting, USAGE_ROOM } from './usage/accounting.ts';

/** A running gateway. */
export interface Gateway {
  /** `http://host:port`, where it really listens. */
  readonly url: string;
  readonly snapshot: () => Snapshot;
  /**
   * Takes another configuration for new calls; those in flight keep theirs, but for the limits of keys.
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

/**
 * The composition root: the only place that knows every part.
 * @param env the environment as it is now: an admin is told which of its variables are set
 * @param now milliseconds since the epoch, with fractions, never going back
 */
export async function startGateway(
  config: Config,
  log: Logger,
  version: string,
  env: () => Environment = () => process.env,
  now = machineTime,
): Promise<Gateway> {
  const rooms = await openRooms(config, log, version, env, now);
  const { snapshots, observation, configuration } = rooms;
  const { address, url } = await listen(rooms, config);
  // Whatever ends the process, calls that ended before it are logged; the log's own listener then writes its last lines.
  process.prependListener('exit', observation.flush);
  let stopped: Promise<void> | null = null;
  return {
    url,
    snapshot: snapshots.current,
    reload: (load) =>
      configuration.reload(async () => {
        const next = await snapshots.create(load());
        const { config: running } = snapshots.current();
        const reloaded = { started: config, running, next: next.config };
        const restartNeeded = admitReload(address, reloaded, rooms.access.directory.holdsKeys);
        snapshots.replace(next);
        await rooms.governor.renew(rooms.access.limitsOf(next.config));
        return restartNeeded;
      }),
    stop() {
      stopped ??= stopServing(rooms);
      return stopped;
    },
  };
}

/** What has to be closed, or is needed after the start. */
interface Rooms {
  readonly upstream: Upstream;
  readonly providers: ProviderFactory;
  readonly snapshots: Snapshots;
  readonly database: Database<unknown>;
  readonly access: Access;
  readonly governor: Governor;
  readonly accounting: Accounting;
  readonly observation: Observation;
  readonly answers: StoredAnswers;
  readonly configuration: ReturnType<typeof createConfiguration>;
  readonly server: HttpServer;
}

/** Makes every room, each after the rooms that it uses. The server does not listen yet. */
async function openRooms(
  ...[config, log, version, env, now]: Required<Parameters<typeof startGateway>>
): Promise<Rooms> {
  const random = Math.random;
  const newId = (): string => randomUUID().replaceAll('-', '');
  const callIds = (): string => `call_${newId().slice(0, 24)}`;

  const upstream = createUpstream(now);
  const providers = createProviderFactory({ newId: callIds, signatures: createSignatureStore() });
  const routing = createRouting(now);
  const { breakers, budgets, stats } = routing;
  const tracker = createCallTracker(now);

  const { isStored } = config.responses;
  const databaseRooms = { usage: USAGE_ROOM, answers: THREADS_ROOM, access: ACCESS_ROOM };
  const database = await createDatabase(config.database, databaseRooms);
  const governance = createGovernance(now);
  const told = { database: config.database.shown, notes: log, now };
  const access = createAccess(database.stores.access, {
    ...told,
    config: () => snapshots.current().config,
    isThere: database.isThere,
    random: randomBytes,
    forget: (scope) => spend.forget(scope),
    limitsChanged: async ({ scopes, resets, gone }) => {
      for (const scope of gone) spend.forget(scope);
      await governor.renew(scopes);
      if (resets.length > 0) await spend.renew(resets, flush);
    },
  });
  // Before the database opens: a configuration that cannot be served leaves no worker behind.
  const snapshots = await createSnapshots(config, providers, routing, access);
  const snapshot = snapshots.current;
  if (config.usage.store !== 'none' || isStored) openEarly(database, config.database.shown, log);
  const accounting = createAccounting(database.stores.usage, config.usage, {
    ...told,
    newId,
    remembered: tracker.ended,
    governance,
  });
  const conversationKeepMs = (): number | null => snapshot().config.conversations.keepMs;
  const limits = () => ({ ...snapshot().config.responses, conversationKeepMs: conversationKeepMs() });
  const kept = createKeptAnswers(database.stores.answers, limits, now);
  const answers = createAnswers(isStored ? kept : null, {
    ids: { now: () => Math.floor(now()), randomHex: (digits) => randomBytes(digits / 2).toString('hex') },
    worker: newId(),
    now,
    conversationKeepMs,
    lost: (error) => log.error({ database: config.database.shown, reason: reasonOf(error) }, 'an answer was not kept'),
    upkeepFailed: (error) =>
      error === null
        ? log.info('stored answers are looked after again')
        : log.error({ reason: reasonOf(error) }, 'stored answers cannot be looked after; it is tried again'),
  });
  const breakerStates = () => routing.breakerStates(snapshot().registry);
  const observation = await createObservation({
    log,
    version,
    config: () => snapshot().config,
    registry: () => snapshot().registry,
    callsInFlight: () => tracker.size,
    breakers: breakerStates,
    lostAnswers: answers.lostAnswers,
    accounting,
    now,
    // Routing needs its statistics at once.
    first: stats,
  });

  const { events, reportBug, flush } = observation;
  const configuration = createConfiguration({
    config: () => snapshot().config,
    env,
    now,
    holdsKeys: () => access.directory.holdsKeys,
    tried: observation.metrics.configReloaded,
  });
  const { priceOf, costOf, toRecord, lostRecords, endedCalls, log: usage, spend } = accounting;
  const governor = createGovernor({
    ...{ governance, now, costOf, reportBug, ...stats, ...observation.budgets },
    seed: (scopes) => spend.seed(scopes, flush),
    config: () => snapshot().config,
    running: () => tracker.running(null),
  });
  const sleep = (ms: number, signal: AbortSignal): Promise<void> => wait(ms, undefined, { signal });
  const world = { tracker, governor, now, random, sleep };
  const context = { ...world, ...upstream, breakers, budgets, stats, ...events, reportBug };
  const server = createHttpServer(version, {
    snapshot,
    calls: { newId, tracker, context },
    routing: { breakers, stats, now, random, priceOf },
    observers: { flush, reportBug },
    reports: { ...observation, breakerStates, lostRecords, toRecord, usage, spend, endedCalls },
    answers,
    access,
    configuration,
  });
  const made = { upstream, providers, snapshots, database, access, governor, accounting, observation, answers };
  return { ...made, configuration, server };
}

/** A start that is refused leaves nothing open. */
async function listen(rooms: Rooms, config: Config): ReturnType<HttpServer['listen']> {
  const { directory } = rooms.access;
  try {
    await directory.start();
    admitHost(config, directory.holdsKeys);
    return await rooms.server.listen(config.server, (bound) => {
      admitStart(bound, config, directory.holdsKeys);
      // Where others can call, nothing that the database turns out to hold, or not, opens it.
      if (openHostProblem(bound, config.keys.length) !== null) directory.lock();
    });
  } catch (error) {
    await closeRooms(rooms);
    throw error;
  }
}

/** Clients go first. */
async function stopServing(rooms: Rooms): Promise<void> {
  await rooms.server.stop(rooms.snapshots.current().config.server);
  await closeRooms(rooms);
}

/** Providers go first; what is still to be told is told before the usage log writes its last records. */
async function closeRooms(rooms: Rooms): Promise<void> {
  const { upstream, providers, observation, accounting, answers, access, database } = rooms;
  await upstream.client.close();
  await providers.close();
  observation.flush();
  process.off('exit', observation.flush);
  await accounting.close();
  await answers.close();
  await access.directory.close();
  await database.close();
  await observation.close();
}

// Asked for once: it is a getter that costs more than the clock.
const { timeOrigin } = performance;

/** The time of this machine, which a change of its date does not turn back. */
function machineTime(): number {
  return timeOrigin + performance.now();
}
