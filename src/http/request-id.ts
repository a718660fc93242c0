import type { IncomingMessage } from 'node:http';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The client's `x-request-id` where it is a good one, else one of ours. */
export function requestIdOf({ headers }: IncomingMessage, newId: () => string): string {
  const wanted = headers['x-request-id'];
  return typeof wanted === 'string' && REQUEST_ID.test(wanted) ? wanted : newId();
}
