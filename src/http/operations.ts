import type { Request, RequestHandler } from 'express';
import { GatewayError } from '../protocol/errors.ts';
import type { Services } from './services.ts';

/** How many of the last calls are looked at when nobody says. */
const DEFAULT_LAST_N = 100;

/** `GET /health`: the process is alive, and how it has been doing. Open, so it names no model and no provider. */
export function health(services: Services): RequestHandler {
  const { version, startedAt, now, register, breakerStates, performance, lostRecords } = services;
  return (_request, response) => {
    response.json({
      status: 'ok',
      version,
      uptime_seconds: Math.round((now() - startedAt) / 1000),
      calls_in_flight: register.size,
      breakers_open: breakerStates().filter(({ state }) => state === 'open').length,
      lost_usage_records: lostRecords(),
      performance: performance.summary(DEFAULT_LAST_N),
    });
  };
}

/** `GET /ready`: 200 while new calls are taken, 503 once the gateway is stopping. */
export function ready({ isAccepting }: Services): RequestHandler {
  return (_request, response) => {
    const isReady = isAccepting();
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'stopping' });
  };
}

/** `GET /metrics`: what Prometheus scrapes. */
export function prometheus({ metrics }: Services): RequestHandler {
  return async (_request, response) => {
    response.set('content-type', metrics.contentType).send(await metrics.text());
  };
}

/** `GET /metrics/performance?last_n=100`: the last calls, held against the targets. */
export function performanceReport({ performance }: Services): RequestHandler {
  return (request, response) => {
    response.json(performance.report(lastNOf(request, performance.maxCalls)));
  };
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
