import type { IncomingMessage, ServerResponse } from 'node:http';

/** The methods that any path is served with. */
export const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What a script may read of an answer, besides its body and what browsers show anyway. */
const EXPOSED_HEADERS = [
  'x-request-id',
  'x-sluice-model',
  'x-sluice-provider',
  'x-sluice-route',
  'x-sluice-attempts',
  'x-sluice-dropped-params',
  'x-sluice-overhead-ms',
  'x-should-retry',
  'retry-after',
  'retry-after-ms',
].join(', ');

/** How long a browser need not ask again whether it may; more is cut by the browsers themselves. */
const MAX_AGE_S = 7200;

/** Whether a browser asks what the request that it has at hand may be. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

/** Lets the script of an allowed origin read the answer, whatever that will be. */
export function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
  response.setHeader('vary', 'Origin');
}

/**
 * Answers the preflight of an allowed origin. It may send whatever well-formed headers it names: SDKs add ones of their
 * own (`x-stainless-*`), and which of them count is decided where they are read.
 */
export function answerPreflight({ headers }: IncomingMessage, response: ServerResponse): void {
  const asked = (headers['access-control-request-headers'] ?? '').toLowerCase().split(',');
  const allowed = asked.map((name) => name.trim()).filter((name) => /^[a-z0-9-]{1,100}$/.test(name));
  if (allowed.length > 0) response.setHeader('access-control-allow-headers', allowed.join(', '));
  response.setHeader('access-control-allow-methods', METHODS.join(', '));
  response.setHeader('access-control-max-age', MAX_AGE_S);
  response.writeHead(204).end();
}
