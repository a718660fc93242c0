import type { RequestHandler } from 'express';
import type { Services } from './services.ts';

/** `GET /health`: the process is alive. */
export function health({ version, startedAt, now, register }: Services): RequestHandler {
  return (_request, response) => {
    const uptimeSeconds = Math.round((now() - startedAt) / 1000);
    response.json({ status: 'ok', version, uptime_seconds: uptimeSeconds, calls_in_flight: register.size });
  };
}

/** `GET /ready`: 200 while new calls are taken, 503 once the gateway is stopping. */
export function ready({ isAccepting }: Services): RequestHandler {
  return (_request, response) => {
    const isReady = isAccepting();
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'stopping' });
  };
}
