import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import { summarize } from '../calls/summary.ts';
import type { FeedSource } from '../observe/feed-channel.ts';
import { GatewayError } from '../protocol/errors.ts';
import { endedSummary } from './ended-body.ts';
import { readerOf } from './query.ts';
import type { Services } from './services.ts';
import { recordBody } from './usage-body.ts';

/** How often the feed is looked after while it is read. */
const TICK_MS = 125;
/** A key that may not call any more reads no longer than this. */
const CHECK_MS = 1000;
const LAST_N = 100;
const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

type LiveServices = Pick<Services, 'snapshot' | 'lifecycle' | 'calls' | 'reports' | 'configuration'>;

/** `GET /v1/live`: server-sent events of what happens, of the caller's own calls, for an admin of all. It never ends by itself. */
export function followLive(services: LiveServices): RequestHandler {
  let timer: NodeJS.Timeout | null = null;
  const tick = (): void => {
    const { feed } = services.reports;
    // Else the readers would hold up the stop.
    if (!services.lifecycle.isAccepting()) feed.close();
    if (feed.tick() || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
  return (request, response) => {
    readerOf(request.query, []);
    if (request.method === 'HEAD') return void response.writeHead(200, HEAD).end();
    // The caller may have left while its key was looked up: no further event would say so.
    if (response.closed) return;
    enter(request, response, services);
    timer ??= setInterval(tick, TICK_MS).unref();
  };
}

function enter(request: Request, response: Response, services: LiveServices): void {
  const { feed } = services.reports;
  const key = response.locals['key'] as Key;
  const scope = key.isAdmin ? null : key.id;
  const lastEventId = request.get('last-event-id') || null;
  const { keepaliveMs } = services.snapshot().config.server;
  const write = (text: string): boolean => {
    if (!response.headersSent) response.writeHead(200, HEAD);
    return response.write(text);
  };
  const end = (): void => {
    response.end();
    // What it has not taken by now it need not.
    if (response.writableNeedDrain) response.destroy();
  };
  const sink = { write, end };
  const place = feed.enter({ scope, keyId: key.id, lastEventId, keepaliveMs }, sourceFor(scope, services), sink);
  if (place === null) throw new GatewayError('concurrency_limit_exceeded', FULL, { retryAfterMs: 10_000 });
  const stopChecking = checkNowAndThen(() => endUnlessAllowed(request, response, key, services));
  response.on('drain', place.drained);
  response.once('close', () => {
    stopChecking();
    place.leave();
  });
}

/** The next check waits for the one before: they would pile up where the database of the keys is slow. @returns what ends it */
function checkNowAndThen(check: () => Promise<void>): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    if (!isStopped) timer = setTimeout(() => void check().finally(later), CHECK_MS).unref();
  };
  later();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

const FULL = 'The live feed has its 32 readers. Close one of yours, or ask GET /v1/requests now and then.';

/** A stream is asked for once and read for hours: meanwhile its key may have gone, or its session. */
async function endUnlessAllowed(
  { headers }: Request,
  response: Response,
  { id, isAdmin }: Key,
  { snapshot }: LiveServices,
): Promise<void> {
  try {
    const now = await snapshot().clientKeys.authenticate(headers);
    if (now.id !== id || now.isAdmin !== isAdmin) response.destroy();
  } catch (error) {
    // A database that is away for a moment says nothing about the key.
    if (!(error instanceof GatewayError) || error.status < 500) response.destroy();
  }
}

function sourceFor(scope: string | null, { snapshot, calls, reports, configuration }: LiveServices): FeedSource {
  const { tracker, context } = calls;
  return {
    calls: () => tracker.running(scope),
    summarize: (call) => summarize(call, context.now()),
    ended(call) {
      // Its attempts are in the summary.
      const { tries: _tries, ...record } = reports.toRecord(call);
      return { call: endedSummary(record, call), usage: recordBody(record) };
    },
    performance: () => reports.recentCalls.report(LAST_N, scope),
    health() {
      if (scope !== null) return null;
      const reload = configuration.lastReload();
      const resting = [...snapshot().providers.values()].map((provider) => context.providerKeys.resting(provider));
      return {
        breakers: reports.breakerStates().filter(({ state }) => state !== 'closed'),
        keys_resting: resting.reduce((sum, count) => sum + count, 0),
        reload: reload && { at: reload.at, ok: reload.ok },
      };
    },
  };
}
