import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import { parseDuration } from '../config/units.ts';
import type { PerformanceSummary } from '../observe/recent-calls.ts';
import { GatewayError } from '../protocol/errors.ts';
import { readerOf, refuse, toCount } from './query.ts';
import type { Services, Snapshot } from './services.ts';

/** How many of the last calls are looked at when the query does not say. */
const DEFAULT_LAST_N = 100;

/** The answer of `GET /health`; the load is for admins alone. */
export type HealthBody = AliveBody & Partial<LoadBody>;

interface AliveBody {
  readonly status: 'ok';
  readonly version: string;
  readonly uptime_seconds: number;
}

interface LoadBody {
  readonly calls_in_flight: number;
  readonly breakers_open: number;
  readonly lost_usage_records: number;
  readonly performance: PerformanceSummary;
}

/** `GET /health`: the process is alive; to an admin also how it has been doing, without models and providers. */
export function health(services: Pick<Services, 'snapshot' | 'lifecycle' | 'calls' | 'reports'>): RequestHandler {
  const { lifecycle } = services;
  return async (request, response) => {
    const uptimeSeconds = Math.round(lifecycle.uptimeMs() / 1000);
    const alive: AliveBody = { status: 'ok', version: lifecycle.version, uptime_seconds: uptimeSeconds };
    const body: HealthBody = (await isAdmin(request, services)) ? { ...alive, ...loadOf(services) } : alive;
    response.json(body);
  };
}

function loadOf({ calls, reports }: Pick<Services, 'calls' | 'reports'>): LoadBody {
  return {
    calls_in_flight: calls.tracker.size,
    breakers_open: reports.breakerStates().filter(({ state }) => state === 'open').length,
    lost_usage_records: reports.lostRecords(),
    performance: reports.recentCalls.summary(DEFAULT_LAST_N),
  };
}

/** A path that is open to everybody takes a wrong key for none: a probe should not fail because a key has changed. */
async function isAdmin({ headers }: Request, { snapshot }: Pick<Services, 'snapshot'>): Promise<boolean> {
  try {
    return (await snapshot().clientKeys.authenticate(headers)).isAdmin;
  } catch (error) {
    if (error instanceof GatewayError) return false;
    throw error;
  }
}

/** `GET /ready`: 200 while new calls are welcome, 503 once the gateway is stopping. */
export function ready({ lifecycle }: Pick<Services, 'lifecycle'>): RequestHandler {
  return (_request, response) => {
    const isUp = lifecycle.isReady();
    response.status(isUp ? 200 : 503).json({ status: isUp ? 'ready' : 'stopping' });
  };
}

/** `GET /metrics`: what Prometheus scrapes. It tells of everybody's calls. */
export function prometheus({ snapshot, reports }: Pick<Services, 'snapshot' | 'reports'>): RequestHandler {
  return async (_request, response) => {
    if (onlyOwn(response, snapshot()) !== null) {
      const message = 'GET /metrics tells of the calls of all keys: it wants a key with admin: true.';
      throw new GatewayError('route_not_allowed', `${message} Your own calls are in GET /metrics/performance.`);
    }
    const { metrics } = reports;
    response.set('content-type', metrics.contentType).send(await metrics.text());
  };
}

/** `GET /metrics/performance?last_n=100`: the last calls that the caller may see, held against the targets. */
export function performanceReport({ snapshot, reports }: Pick<Services, 'snapshot' | 'reports'>): RequestHandler {
  return (request, response) => {
    const { recentCalls } = reports;
    response.json(recentCalls.report(lastNOf(request, recentCalls.maxCalls), onlyOwn(response, snapshot())));
  };
}

/** The longest stretch, a day, and how many there are at most. */
const MAX_BUCKET_MS = 86_400_000;
const MAX_BUCKETS = 1440;

/** `GET /metrics/performance/series?bucket=1m&n=60`: the last calls that the caller may see, by the time at which they ended. */
export function performanceSeries({
  snapshot,
  reports,
  calls,
}: Pick<Services, 'snapshot' | 'reports' | 'calls'>): RequestHandler {
  return ({ query }, response) => {
    const read = readerOf(query, ['bucket', 'n']);
    const bucket = read('bucket') ?? '1m';
    const bucketMs = parseDuration(bucket) ?? 0;
    if (bucketMs < 1000 || bucketMs > MAX_BUCKET_MS) refuse('bucket', 'a duration from 1s to 1d, such as 1m', bucket);
    const count = toCount(read('n') ?? '60', 'n', 1, MAX_BUCKETS);
    const range = { bucketMs, count, now: calls.context.now() };
    response.json(reports.recentCalls.series(range, onlyOwn(response, snapshot())));
  };
}

/** The key whose calls alone may be told of; null for an admin, and for everybody where metrics are public. */
function onlyOwn(response: Response, { config }: Snapshot): string | null {
  if (config.metrics.isPublic) return null;
  const { id, isAdmin } = response.locals['key'] as Key;
  return isAdmin ? null : id;
}

function lastNOf({ query }: Request, max: number): number {
  const given = query['last_n'];
  if (given === undefined) return DEFAULT_LAST_N;
  const lastN = typeof given === 'string' && /^\d{1,6}$/.test(given) ? Number(given) : 0;
  if (lastN >= 1 && lastN <= max) return lastN;
  const found = String(given).slice(0, 40);
  throw new GatewayError('invalid_value', `last_n is '${found}', but should be a whole number from 1 to ${max}.`, {
    param: 'last_n',
  });
}
